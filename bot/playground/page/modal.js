/** The form on top: drawn from its view, kept as typed while it changes underneath, submitted, closed, stacked. */

import { post } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { sceneFor } from "./controls.js";
import { element, fill, focusMark, freshId, restoreFocus, signatureOf } from "./dom.js";
import { focusable, keepFocusInside } from "./focus.js";
import { renderPlain } from "./mrkdwn.js";

/**
 * The modal of the page. `person()` gives the id of who acts, `names` resolves ids, `refresh()` reads everything anew.
 * Gives {show(view)}: call it with each view that the server reports, null for none.
 */
export function modal({ person, names, refresh }) {
  const kept = new Map(); // view id → what was typed in it; a view below another keeps its own
  let dialog = null;
  let shown = null; // {id, signature, scene, view}
  let returnTo = null;
  let ownErrors = {};

  function open() {
    returnTo = document.activeElement;
    dialog = element("dialog", {
      class: "modal",
      "aria-modal": "true",
      dataset: { testid: "modal" },
      on: {
        cancel: (event) => {
          event.preventDefault();
          close();
        },
      },
    });
    keepFocusInside(dialog);
    document.body.append(dialog);
    dialog.showModal();
  }

  function vanish() {
    if (!dialog) return;
    dialog.close();
    dialog.remove();
    dialog = null;
    shown = null;
    kept.clear();
    ownErrors = {};
    if (returnTo?.isConnected) returnTo.focus();
  }

  function show(view) {
    if (!view) {
      vanish();
      return;
    }
    if (shown?.id !== view.id) ownErrors = {};
    // What the server has noted of the values and of its own version changes nothing that is drawn.
    const signature = signatureOf([{ ...view, values: null, hash: null }, ownErrors]);
    if (shown?.id === view.id && shown.signature === signature) return;
    if (!dialog) open();
    draw(view, signature);
  }

  function draw(view, signature) {
    const again = shown?.id === view.id;
    const mark = again ? focusMark(dialog) : null;
    const scroll = again ? (dialog.querySelector(".modal-body")?.scrollTop ?? 0) : 0;
    if (!kept.has(view.id)) kept.set(view.id, new Map());
    const scene = sceneFor({ names, person, kept: kept.get(view.id), send: (blockId, item, value) => click(view, scene, blockId, item, value) });
    const errors = { ...(view.errors ?? {}), ...ownErrors };
    const titleId = freshId("modal-title");
    const submit = view.submit && element("button", { type: "submit", class: "button primary", dataset: { testid: "modal-submit" } },
      renderPlain(textOf(view.submit)));
    const form = element("form", {
      class: "modal-frame",
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          send(view, scene, submit);
        },
      },
    },
    element("header", { class: "modal-head" },
      element("h2", { id: titleId }, renderPlain(textOf(view.title) || "Form")),
      (view.stack_depth ?? 1) > 1 && element("span", { class: "pill", dataset: { testid: "stack-depth" } }, `form ${view.stack_depth} of 3 at most`),
      element("button", { type: "button", class: "quiet modal-x", "aria-label": "Close", dataset: { testid: "modal-x" }, on: { click: close } }, "✕")),
    element("div", { class: "modal-body", tabindex: "-1", dataset: { testid: "modal-body" } }, renderBlocks(view.blocks, scene, errors)),
    element("p", { class: "problem modal-problem", role: "alert", hidden: true, dataset: { testid: "modal-problem" } }),
    element("footer", { class: "modal-foot" },
      element("button", { type: "button", class: "button", dataset: { testid: "modal-close" }, on: { click: close } },
        renderPlain(textOf(view.close) || (view.submit ? "Cancel" : "Close"))),
      submit));
    dialog.setAttribute("aria-labelledby", titleId);
    dialog.dataset.viewId = view.id;
    fill(dialog, form);
    dialog.querySelector(".modal-body").scrollTop = scroll;
    const wrong = dialog.querySelector("[aria-invalid=true]");
    const newErrors = wrong && JSON.stringify(errors) !== JSON.stringify(shown?.errors ?? {});
    if (newErrors) (focusable(wrong)[0] ?? wrong).focus();
    else if (mark) restoreFocus(dialog, mark);
    if (!dialog.contains(document.activeElement) || !again) {
      if (!newErrors) firstStop(dialog.querySelector(".modal-body")).focus({ preventScroll: true });
    }
    shown = { id: view.id, signature, errors, view };
  }

  function complain(problem) {
    const line = dialog?.querySelector("[data-testid=modal-problem]");
    if (!line) return;
    line.hidden = !problem;
    line.textContent = problem ?? "";
  }

  async function click(view, scene, blockId, item, value) {
    const body = { as: person(), view_id: view.id, block_id: blockId, action_id: item.action_id, values: scene.values() };
    if (value !== null && value !== undefined) body.value = value;
    try {
      const answer = await post("/api/click", body);
      complain(answer.problem);
    } catch (failure) {
      complain(failure.message);
    }
    refresh();
  }

  async function send(view, scene, button) {
    if (button?.getAttribute("aria-busy") === "true") return;
    button?.setAttribute("aria-busy", "true");
    complain(null);
    try {
      await scene.settled();
      const answer = await post("/api/submit", { as: person(), view_id: view.id, values: scene.values() });
      ownErrors = answer.errors ?? {};
      if (shown?.id === view.id) show({ ...shown.view, errors: ownErrors });
      complain(answer.problem);
    } catch (failure) {
      complain(failure.message);
    } finally {
      button?.removeAttribute("aria-busy");
    }
    refresh();
  }

  async function close() {
    if (!shown) return;
    try {
      await post("/api/close", { as: person(), view_id: shown.id });
    } catch (failure) {
      complain(failure.message);
      return;
    }
    refresh();
  }

  return { show };
}

/**
 * Where the focus goes when a form opens: its first control, where that is seen at once. A form that is to be read first
 * has it further down; then it is the text itself, so that it stands at its beginning and the keys scroll it.
 */
function firstStop(body) {
  const first = focusable(body)[0];
  const isSeen = first && first.getBoundingClientRect().bottom <= body.getBoundingClientRect().bottom;
  return isSeen ? first : body;
}

const textOf = (value) => (typeof value === "string" ? value : (value?.text ?? ""));
