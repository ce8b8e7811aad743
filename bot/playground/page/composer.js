/** Where one types: suggestions for slash commands, sending with Enter, recalling with ↑, and what went wrong below. */

import { post } from "./api.js";
import { element, fill, freshId } from "./dom.js";

const REMEMBERED = 50;

/**
 * The composer, put into `root`. `scope()` gives {person, channel}, `commands()` the slash commands, `onSend()` runs
 * before anything is sent, `refresh()` reads everything anew, `shortcuts()` gives the workspace's
 * shortcuts. Gives {fill(text), place(name), problem(text, answer), over(text)}.
 */
export function composer({ root, scope, commands, shortcuts, onSend, refresh }) {
  const listId = freshId("suggestions");
  let suggestions = [];
  let chosen = -1;
  const said = [];
  let recalled = -1;
  let draft = "";

  const box = element("textarea", {
    id: "composer",
    rows: 1,
    "aria-label": "Message or slash command",
    "aria-autocomplete": "list",
    "aria-controls": listId,
    autocomplete: "off",
    spellcheck: "false",
    dataset: { testid: "composer" },
    on: { input: () => typed(), keydown: (event) => onKey(event), blur: () => hide() },
  });
  const list = element("ul", { class: "suggestions", id: listId, role: "listbox", "aria-label": "Slash commands", hidden: true, dataset: { testid: "suggestions" } });
  const line = element("p", { class: "problem", role: "alert", hidden: true, dataset: { testid: "problem" } });
  const status = element("p", { class: "composer-status", role: "status", dataset: { testid: "ack" } });
  const sendButton = element("button", { type: "button", class: "send", "aria-label": "Send", title: "Send (Enter)", dataset: { testid: "send" }, on: { click: () => send() } }, "➤");
  const menu = element("div", { class: "shortcuts", role: "group", "aria-label": "Shortcuts", dataset: { testid: "shortcuts" } });
  fill(root, list, element("div", { class: "composer" }, box, sendButton), menu, line, status);

  function drawShortcuts() {
    if (menu.childElementCount) return;
    fill(menu, shortcuts().filter((item) => item.type === "global").map((item) => element("button", {
      type: "button",
      class: "quiet shortcut",
      dataset: { testid: "shortcut", callbackId: item.callback_id },
      on: { click: () => choose(item) },
    }, item.name)));
  }

  async function choose(item) {
    problem(null);
    try {
      const answer = await post("/api/shortcut", { as: scope().person, callback_id: item.callback_id });
      problem(answer.problem, answer);
    } catch (failure) {
      problem(failure.message);
    }
    refresh();
  }

  function grow() {
    box.rows = Math.min(8, Math.max(1, box.value.split("\n").length));
  }

  function typed() {
    recalled = -1;
    grow();
    const word = /^\/\S*$/.test(box.value) ? box.value.toLowerCase() : null;
    const known = /^(\/\S+)\s/.exec(box.value)?.[1].toLowerCase();
    if (word) suggestions = commands().filter((item) => item.command.startsWith(word));
    else suggestions = known ? commands().filter((item) => item.command === known) : [];
    chosen = word && suggestions.length ? 0 : -1;
    drawSuggestions(Boolean(word));
  }

  function drawSuggestions(choosable) {
    list.hidden = suggestions.length === 0;
    list.classList.toggle("reminder", !choosable);
    fill(list, suggestions.map((item, index) =>
      element("li", {
        id: `${listId}-${index}`,
        class: "suggestion",
        role: "option",
        "aria-selected": String(index === chosen),
        dataset: { testid: "suggestion", command: item.command },
        on: {
          mousedown: (event) => {
            event.preventDefault();
            take(index);
          },
        },
      },
      element("span", { class: "suggestion-usage" }, element("strong", {}, item.command), " ", element("span", {}, item.usage_hint ?? "")),
      element("span", { class: "suggestion-about" }, item.description ?? ""))));
    if (chosen >= 0) {
      box.setAttribute("aria-activedescendant", `${listId}-${chosen}`);
      list.children[chosen].scrollIntoView({ block: "nearest" });
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  }

  function hide() {
    suggestions = [];
    chosen = -1;
    drawSuggestions(false);
  }

  function take(index) {
    box.value = `${suggestions[index].command} `;
    box.focus();
    typed();
  }

  function onKey(event) {
    if (event.isComposing) return;
    if (chosen >= 0) {
      const exact = box.value.toLowerCase() === suggestions[chosen].command;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        chosen = (chosen + (event.key === "ArrowDown" ? 1 : suggestions.length - 1)) % suggestions.length;
        drawSuggestions(true);
        return;
      }
      if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !exact)) {
        event.preventDefault();
        take(chosen);
        return;
      }
    }
    if (event.key === "Escape") hide();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && (box.value === "" || recalled >= 0)) {
      event.preventDefault();
      recall(recalled + 1);
    } else if (event.key === "ArrowDown" && recalled >= 0) {
      event.preventDefault();
      recall(recalled - 1);
    }
  }

  function recall(index) {
    if (index >= said.length) return;
    if (recalled < 0) draft = box.value;
    recalled = Math.max(-1, index);
    box.value = recalled < 0 ? draft : said[recalled];
    grow();
    hide();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  async function send() {
    const text = box.value.trim();
    if (!text) return;
    const { person, channel } = scope();
    hide();
    problem(null);
    onSend();
    said.unshift(text);
    said.splice(REMEMBERED);
    recalled = -1;
    box.value = "";
    grow();
    try {
      const path = text.startsWith("/") ? "/api/command" : "/api/message";
      const answer = await post(path, { as: person, channel, text });
      problem(answer.problem, answer);
      if (answer.problem) giveBack(text);
    } catch (failure) {
      problem(failure.message);
      giveBack(text);
    }
    refresh();
  }

  /** What didn't arrive can be sent once more, unless something else is being written. */
  function giveBack(text) {
    if (box.value !== "") return;
    box.value = text;
    grow();
  }

  function problem(text, answer) {
    line.hidden = !text;
    line.textContent = text ?? "";
    status.textContent = !text && answer?.ack_ms !== undefined && answer.ack_ms !== null
      ? `Acknowledged in ${Math.round(answer.ack_ms)} ms` : "";
  }

  return {
    problem,
    /** Take a problem back that is over; another that stands there by now stays. */
    over(text) {
      if (line.textContent === text) problem(null);
    },
    fill(text) {
      box.value = text;
      typed();
      box.focus();
      box.setSelectionRange(text.length, text.length);
    },
    place(name) {
      drawShortcuts();
      box.placeholder = `Message ${name}, or type / for commands`;
    },
  };
}
