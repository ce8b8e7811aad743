/** A small form, as an administrator of the tenant: a rule by which mail of a domain skips filtering, made and removed. */

import { post } from "./api.js";
import { element, fill, signatureOf } from "./dom.js";

/** Gives {form, show(rules)}; `refresh` is called after each edit. */
export function rulesForm(refresh) {
  const domain = element("input", { class: "text-input", id: "rule-domain", type: "text", autocomplete: "off", spellcheck: "false", placeholder: "partner.example" });
  const list = element("ul", {});
  const answer = element("p", { class: "muted", role: "status" });
  let drawn = "";

  async function edit(cmdlet, parameters, said) {
    try {
      await post("/api/tenant/edit", { cmdlet, parameters });
      answer.textContent = said;
    } catch (failure) {
      answer.textContent = failure.message;
    }
    refresh();
  }

  const adding = element("form", {
    on: {
      submit: (event) => {
        event.preventDefault();
        const value = domain.value.trim();
        if (!value) return;
        domain.value = "";
        edit("New-TransportRule", { Name: `Bypass ${value}`, SenderDomainIs: [value], SetSCL: -1 }, `Mail of ${value} skips spam filtering now.`);
      },
    },
  },
  element("label", { for: "rule-domain" }, "Whose mail skips spam filtering"), domain,
  element("button", { type: "submit", class: "button", dataset: { testid: "add-rule" } }, "Make the rule"));

  function show(rules) {
    const names = rules.map((rule) => String(rule.Name));
    if (signatureOf(names) === drawn) return;
    drawn = signatureOf(names);
    fill(list, names.map((name) => element("li", {}, name, " ",
      element("button", {
        type: "button", class: "button", "aria-label": `Remove the rule ${name}`, dataset: { testid: "remove-rule" },
        on: { click: () => edit("Remove-TransportRule", { Identity: name }, `The rule ${name} is gone.`) },
      }, "Remove"))));
  }

  const form = element("details", { class: "faults", dataset: { testid: "mail-flow-rules" } },
    element("summary", {}, "Change the mail flow rules"), adding, list, answer);
  return { form, show };
}
