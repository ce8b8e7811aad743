/**
 * Some things to try, for somebody who is here for the first time. Each fills the composer or shows where to click.
 * The README has the same ones in the same order, and says more of each.
 */

import { byId, element, fill } from "./dom.js";

const STORE = "portcullis-playground-intro";

const TRIALS = [
  { id: "block", text: "/block evil.example 30d Phishing wave", title: "Request a block", about: "A card goes to the approvers.", role: /request/i },
  { id: "approve", title: "Approve it", how: "switch to an approver, click Approve", about: "As somebody else: nobody reviews their own request.", role: /approver/i, channel: /approv/i },
  { id: "check", text: "/check evil.example", title: "Ask whether it is allowed", about: "The answer says until when, who asked and who approved." },
  { id: "extend", text: "/extend evil.example 90d The fraud goes on", title: "Ask for a new expiry date", about: "Once the block is applied.", role: /request/i },
  { id: "allow", text: "/allow 203.0.113.7 7d Scanner at the head office", title: "Propose an IP allow", about: "See what it would switch off first.", role: /request/i },
  { id: "import", text: "/import", title: "Import a list", about: "Lines from a file, or typed: each is judged by itself.", role: /request/i },
  { id: "submit", text: "/allow fabrikam.example 7d Invoices of a supplier", title: "Have Microsoft let it through", about: "Save the message below for the form. It was for user@contoso.example.", role: /request/i, file: "blocked-message.eml" },
  { id: "emergency", text: "/block emergency 198.51.100.7 because of a phishing wave", title: "Block at once", about: "An approver keeps it or takes it out afterwards.", role: /request/i },
  { id: "portal", title: "Edit past the bot", how: "Edit in the portal, on the right: Add", about: "Within ten seconds the alert channel hears of it, and then who it was.", channel: /alert/i, portal: { value: "203.0.113.9", action: "Allow" } },
  { id: "posture", text: "/posture", title: "See what lets mail through", about: "Old allows and rules. A button beside an allow proposes its remedy; a mail flow rule is changed in the portal.", role: /request/i },
  { id: "workflow", title: "Run a workflow", how: "Workflows, on the right: Run as the person on the left", about: "A block in the name of whoever runs it. Its card takes both approvers.", role: /request/i, workflow: { indicators: "fraud.example", reason: "Reported by a form" } },
  { id: "audit", text: "/audit", title: "See who did what", about: "Every step is in the log.", role: /audit/i },
];

/** A link that saves a file which lies beside the page. */
function sample(name) {
  const link = element("a", { class: "trial-file", dataset: { testid: "try-file" } }, name);
  link.href = `/static/${name}`;
  link.download = name;
  return link;
}

/** A tab of the right column, which is shown if it wasn't. Gives the tab. */
function openTab(name) {
  const toggle = byId("toggle-panel");
  if (toggle.checkVisibility() && toggle.getAttribute("aria-expanded") === "false") toggle.click();
  const tab = document.querySelector(`[data-testid=tab-${name}]`);
  tab.click();
  return tab;
}

/** The portal's form in the right column, open, and filled in where nobody has begun to. */
function openPortal({ value, action }) {
  openTab("tenant");
  document.querySelector("[data-testid=portal]").open = true;
  const box = byId("portal-value");
  if (!box.value) {
    box.value = value;
    byId("portal-action").value = action;
  }
  box.focus();
}

/**
 * The panel above the messages. `state()` gives people and channels, `place()` who acts, `go` moves, `compose(text)` fills the composer,
 * `suggest(values)` a workflow's form.
 */
export function intro({ state, place, go, compose, suggest, hidden }) {
  const root = byId("intro");
  let open = !hidden && stored() !== "away";

  function stored() {
    try {
      return localStorage.getItem(STORE);
    } catch {
      return null;
    }
  }

  function set(value) {
    open = value;
    try {
      localStorage.setItem(STORE, open ? "here" : "away");
    } catch {
      // Without storage the panel comes back with the next reload.
    }
    draw();
  }

  async function attempt(trial) {
    const move = {};
    const now = state().people.find((person) => person.id === place().person);
    if (trial.role && !trial.role.test(now?.role ?? "")) {
      const other = state().people.find((person) => trial.role.test(person.role ?? ""));
      if (other) move.person = other.id;
    }
    if (trial.channel) {
      const channel = state().channels.find((item) => trial.channel.test(item.name));
      if (channel) move.channel = channel.id;
    }
    if (Object.keys(move).length) await go(move);
    if (trial.portal) openPortal(trial.portal);
    else if (trial.workflow) {
      openTab("workflows").focus();
      suggest(trial.workflow);
    }
    else if (trial.text) compose(trial.text);
    else document.querySelector("#messages [data-testid=action].primary")?.focus();
  }

  function draw() {
    root.hidden = !open;
    byId("show-intro").hidden = open;
    fill(root, element("section", { class: "intro", "aria-labelledby": "intro-title", dataset: { testid: "intro" } },
      element("header", {},
        element("h3", { id: "intro-title" }, "Things to try"),
        element("button", { type: "button", class: "quiet", "aria-label": "Hide", dataset: { testid: "hide-intro" }, on: { click: () => set(false) } }, "✕")),
      element("ol", { class: "trials" }, TRIALS.map((trial) =>
        element("li", {}, element("button", { type: "button", class: "trial", dataset: { testid: `try-${trial.id}` }, on: { click: () => attempt(trial) } },
          element("strong", {}, trial.title),
          trial.text ? element("code", {}, trial.text) : element("span", { class: "trial-how" }, trial.how),
          element("span", { class: "muted" }, trial.about)),
        trial.file ? sample(trial.file) : null)))));
  }

  byId("show-intro").addEventListener("click", () => {
    set(true);
    byId("stream").scrollTop = 0;
  });
  draw();
}
