/** The left column: who I act as, the channels with their unread marks, the direct messages, and whether the bot is there. */

import { avatar } from "./avatar.js";
import { HOME } from "./home.js";
import { byId, element, fill, reconcile, signatureOf } from "./dom.js";

/** The direct messages with the bot, as the API names them. */
export const DIRECT = "D";

/**
 * Draw the column. `place` is {person, channel}; `unread(channel)` is the number of messages not seen yet;
 * `go({person?, channel?})` moves.
 */
export function drawSidebar({ state, place, unread, go, reachable }) {
  byId("team").textContent = state.team?.name ?? "";
  reconcile(byId("people"), state.people.map((person) => {
    const here = person.id === place.person;
    return {
      key: person.id,
      signature: signatureOf([person, here]),
      build: () => element("li", {}, element("button", {
        type: "button",
        class: "person",
        "aria-pressed": String(here),
        dataset: { testid: "person", userId: person.id, actionId: `person ${person.id}` },
        on: { click: () => go({ person: person.id }) },
      },
      avatar(person.id, person.name),
      element("span", { class: "person-words" },
        element("span", { class: "person-name" }, person.name),
        element("span", { class: "person-role" }, person.role || "no role")))),
    };
  }));
  reconcile(byId("channels"), state.channels.filter((channel) => channel.kind !== "direct").map((channel) =>
    channelEntry({ id: channel.id, sign: "#", name: channel.name }, place, unread, go)));
  reconcile(byId("direct"), [
    channelEntry({ id: HOME, sign: "⌂", name: `${state.bot.name}: Home` }, place, () => 0, go),
    channelEntry({ id: DIRECT, sign: "", name: state.bot.name, dot: state.bot.connected }, place, unread, go),
  ]);
  const line = byId("bot-state");
  const condition = !reachable ? "unreachable" : state.bot.connected ? "connected" : "not running";
  line.dataset.condition = condition;
  fill(line, element("span", { class: "lamp", "aria-hidden": "true" }),
    condition === "unreachable" ? "The playground is unreachable" : `${state.bot.name}: ${condition}`,
    element("span", { class: "mode" }, state.mode === "socket" ? "Socket Mode" : "HTTP mode"));
}

function channelEntry({ id, sign, name, dot }, place, unread, go) {
  const here = id === place.channel;
  const count = here ? 0 : unread(id);
  return {
    key: id,
    signature: signatureOf([sign, name, here, count, dot ?? null]),
    build: () => element("li", {}, element("button", {
      type: "button",
      class: `channel${count ? " unread" : ""}`,
      "aria-current": here ? "page" : null,
      dataset: { testid: "channel", channelId: id, actionId: `channel ${id}` },
      on: { click: () => go({ channel: id }) },
    },
    sign ? element("span", { class: "sign", "aria-hidden": "true" }, sign) : element("span", { class: `lamp ${dot ? "on" : ""}`, "aria-hidden": "true" }),
    element("span", { class: "channel-name" }, name),
    count > 0 && element("span", { class: "count", "aria-label": `${count} unread`, dataset: { testid: "unread" } }, count))),
  };
}
