/** Asking before a dangerous click: Block Kit's confirm object as a dialog. */

import { element, fill, freshId } from "./dom.js";
import { keepFocusInside } from "./focus.js";
import { renderText } from "./mrkdwn.js";

const plain = (text, otherwise) => text?.text || otherwise;

/** Resolves to true when the person confirms, false on deny, Escape or a click beside the dialog. */
export function askToConfirm(confirm, names) {
  return new Promise((resolve) => {
    const titleId = freshId("confirm");
    const textId = freshId("confirm");
    const settle = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const style = confirm.style === "danger" ? "danger" : "primary";
    const dialog = element(
      "dialog",
      {
        class: "modal confirm",
        role: "alertdialog",
        "aria-modal": "true",
        "aria-labelledby": titleId,
        "aria-describedby": textId,
        dataset: { testid: "confirm" },
        on: {
          cancel: (event) => {
            event.preventDefault();
            settle(false);
          },
          click: (event) => event.target === dialog && settle(false),
        },
      },
      element("div", { class: "modal-frame" },
        element("header", { class: "modal-head" }, element("h2", { id: titleId }, plain(confirm.title, "Are you sure?"))),
        fill(element("div", { class: "modal-body", id: textId }), renderText(confirm.text, names)),
        element("footer", { class: "modal-foot" },
          element("button", { type: "button", class: "button", dataset: { testid: "confirm-no" }, on: { click: () => settle(false) } },
            plain(confirm.deny, "Cancel")),
          element("button", { type: "button", class: `button ${style}`, dataset: { testid: "confirm-yes" }, on: { click: () => settle(true) } },
            plain(confirm.confirm, "Yes")))),
    );
    keepFocusInside(dialog);
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("[data-testid=confirm-no]").focus();
  });
}
