"""The rules that a proposal is held against, a subject each. `bot.domain.policy` is the way in."""
