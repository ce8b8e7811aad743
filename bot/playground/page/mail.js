/** What message traces and hunting tell of: the mail that the tenant has had, and a form by which more comes. */

import { get, post } from "./api.js";
import { element } from "./dom.js";

const FATES = [
  ["delivered", "Delivered"],
  ["quarantined", "Quarantined"],
  ["filteredAsSpam", "To the junk folder"],
  ["failed", "Stopped"],
];

/** A folded panel; it reads the mail when it is opened. */
export function mailPanel(refresh) {
  const list = element("ul", { class: "mail-list", dataset: { testid: "mail" } });
  const sender = element("input", { class: "text-input", id: "mail-sender", value: "billing@evil.example" });
  const fate = element("select", { class: "select", id: "mail-fate" }, FATES.map(([value, label]) => element("option", { value }, label)));
  const times = element("input", { class: "text-input", id: "mail-times", type: "number", min: 1, max: 1000, value: 10 });
  const answer = element("p", { class: "muted", role: "status" });
  const word = new Map(FATES.map(([value, label]) => [value, label.toLowerCase()]));

  function show(mail) {
    list.replaceChildren(...mail.map((each) => element("li", {},
      `${each.count} from ${each.sender} to ${each.recipients.join(", ")}, ${word.get(each.status) ?? each.status}`)));
  }

  async function doing(action) {
    try {
      show(await action());
      answer.textContent = "";
    } catch (failure) {
      answer.textContent = failure.message;
    }
  }

  const form = element("form", {
    on: {
      submit: async (event) => {
        event.preventDefault();
        const mail = { sender: sender.value, status: fate.value };
        await doing(() => post("/api/tenant/mail", { mail, times: Number(times.value) }));
        refresh();
      },
    },
  },
  element("label", { for: "mail-sender" }, "From"), sender,
  element("label", { for: "mail-fate" }, "How it fared"), element("span", { class: "select-frame" }, fate),
  element("label", { for: "mail-times" }, "How many messages"), times,
  element("button", { type: "submit", class: "button", dataset: { testid: "have-mail" } }, "Deliver it"),
  answer);
  return element("details", {
    class: "faults",
    dataset: { testid: "mail-panel" },
    on: { toggle: (event) => event.target.open && doing(() => get("/api/tenant/mail")) },
  },
  element("summary", {}, "Mail of the tenant"), form, list);
}
