/** The middle of the page: messages with their cards, threads below them, day lines between them. */

import { post, save } from "./api.js";
import { avatar } from "./avatar.js";
import { renderBlocks } from "./blocks.js";
import { sceneFor } from "./controls.js";
import { byId, element, fill, reconcile, signatureOf } from "./dom.js";
import { render } from "./mrkdwn.js";
import { clock, dayLine, inFull, instant } from "./time.js";

const NEAR_THE_END = 120; // pixels: somebody who has scrolled further up is reading, and is left alone

/**
 * The conversation. `scope()` gives {person, channel}, `names` resolves ids and roles, `problem(text)` shows a problem,
 * `shortcuts()` gives those of the app, `refresh()` reads everything anew. Gives {show(conversation, key), follow()}: after
 * `follow` the next message is scrolled to.
 */
export function conversation({ scope, names, shortcuts, problem, refresh }) {
  const stream = byId("stream");
  const list = byId("messages");
  const folded = new Set(); // ts of the messages whose thread is folded away
  let shownKey = "";
  let following = false; // whoever acts wants to see what comes of it, wherever they have scrolled to

  function click(message, blockId, item, value) {
    const body = { block_id: blockId, action_id: item.action_id };
    if (value !== null && value !== undefined) body.value = value;
    return act("/api/click", message, body);
  }

  async function act(path, message, body) {
    const { person, channel } = scope();
    problem(null);
    try {
      const answer = await post(path, { as: person, channel, ts: message.ts, ...body });
      problem(answer.problem, answer);
    } catch (failure) {
      problem(failure.message);
    }
    refresh();
  }

  function body(message) {
    const scene = sceneFor({ names, send: (blockId, item, value) => click(message, blockId, item, value) });
    const files = (message.files ?? []).map((file) => element("p", { class: "file", dataset: { testid: "file" } },
      element("button", { type: "button", class: "quiet file-open", dataset: { testid: "file-open" }, on: { click: () => save(file, scope().person) } },
        file.title || file.name || file.id),
      Number.isFinite(file.size) && element("span", { class: "muted" }, ` · ${file.size.toLocaleString("en")} bytes`)));
    if (message.blocks?.length) return [element("div", { class: "card" }, renderBlocks(message.blocks, scene)), files];
    return [fill(element("div", { class: "mrkdwn" }), render(message.text ?? "", names)), files];
  }

  /** What apps offer in the menu of a message. Nobody but its reader sees an ephemeral one: it has none. */
  function moreActions(message) {
    const offered = message.ephemeral ? [] : shortcuts().filter((item) => item.type === "message");
    if (!offered.length) return null;
    return element("details", { class: "more-actions", dataset: { testid: "more-actions" } },
      element("summary", { "aria-label": "More actions" }, "⋮"),
      offered.map((item) => element("button", {
        type: "button",
        class: "quiet",
        dataset: { testid: "message-shortcut", callbackId: item.callback_id },
        on: { click: () => act("/api/shortcut", message, { callback_id: item.callback_id }) },
      }, item.name)));
  }

  /** The person's role, unless their name says it already. */
  function roleTag(id, name) {
    const role = names.role(id);
    return name.toLowerCase().includes(role.toLowerCase()) ? "" : role;
  }

  function messageNode(message, isReply, isUpdate) {
    const sent = instant(message.ts);
    const isBot = names.isBot(message.user);
    const name = message.name || names.user(message.user) || message.user || "Somebody";
    const classes = ["message", isReply && "reply", message.ephemeral && "ephemeral", isUpdate && "updated"].filter(Boolean);
    const node = element("article", {
      class: classes.join(" "),
      "aria-label": `${name}, ${sent ? clock(sent) : ""}`,
      dataset: { testid: isReply ? "reply" : "message", ts: message.ts, user: message.user },
    },
    avatar(message.user ?? "", name, isBot),
    element("div", { class: "message-main" },
      message.ephemeral && element("p", { class: "only-you", dataset: { testid: "only-you" } }, "Only visible to you"),
      element("p", { class: "message-head" },
        element("strong", { class: "author" }, name),
        isBot ? element("span", { class: "tag" }, "app") : roleTag(message.user, name) && element("span", { class: "tag role" }, roleTag(message.user, name)),
        sent && element("time", { datetime: sent.toISOString(), title: inFull(sent) }, clock(sent)),
        message.edited && element("span", { class: "edited", dataset: { testid: "edited" } }, "edited"),
        moreActions(message)),
      body(message)));
    return node;
  }

  function thread(message) {
    const count = message.replies.length;
    const latest = instant(message.replies.at(-1).ts);
    const replies = element("ol", { class: "replies", dataset: { testid: "replies" } },
      message.replies.map((reply) => element("li", {}, messageNode(reply, true, false))));
    const toggle = element("button", {
      type: "button",
      class: "thread-toggle",
      dataset: { testid: "thread" },
      on: {
        click: () => {
          if (folded.has(message.ts)) folded.delete(message.ts);
          else folded.add(message.ts);
          apply();
        },
      },
    });
    const apply = () => {
      const open = !folded.has(message.ts);
      replies.hidden = !open;
      toggle.setAttribute("aria-expanded", String(open));
      fill(toggle, element("span", { class: "chevron", "aria-hidden": "true" }),
        `${count} ${count === 1 ? "reply" : "replies"}`, latest && element("span", { class: "muted" }, ` · last at ${clock(latest)}`));
    };
    apply();
    return element("div", { class: "thread" }, toggle, replies);
  }

  function entryOf(message) {
    return {
      key: `message ${message.ts}`,
      signature: signatureOf(message),
      build: (old) => {
        const node = element("li", {}, messageNode(message, false, old !== null));
        if (message.replies?.length) node.querySelector(".message-main").append(thread(message));
        return node;
      },
    };
  }

  function show(talk, key) {
    const changedPlace = key !== shownKey;
    if (changedPlace) list.replaceChildren();
    const nearTheEnd = stream.scrollHeight - stream.scrollTop - stream.clientHeight < NEAR_THE_END;
    const entries = [];
    let day = "";
    for (const message of talk.messages) {
      const sent = instant(message.ts);
      const line = sent ? dayLine(sent) : "";
      if (line && line !== day) {
        day = line;
        entries.push({ key: `day ${line}`, signature: line, build: () => element("li", { class: "day" }, element("span", {}, line)) });
      }
      entries.push(entryOf(message));
    }
    if (entries.length === 0) {
      entries.push({
        key: "nothing",
        signature: key,
        build: () => element("li", { class: "nothing", dataset: { testid: "nothing" } }, "Nothing has been said here yet."),
      });
    }
    const built = reconcile(list, entries);
    shownKey = key;
    if (changedPlace || ((nearTheEnd || following) && built.length)) {
      // Where nothing has been said yet, what stands above is read from its beginning.
      stream.scrollTop = talk.messages.length ? stream.scrollHeight : 0;
      following = false;
    }
  }

  return {
    show,
    follow() {
      following = true;
    },
  };
}
