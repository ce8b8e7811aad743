/**
 * Block Kit's blocks drawn, in messages and in forms.
 *
 * Source: Slack's reference of blocks. A block of a kind that is not drawn here says so, instead of vanishing.
 */

import { controlFor, isControl } from "./controls.js";
import { element, fill, freshId } from "./dom.js";
import { render, renderPlain, renderText } from "./mrkdwn.js";

/** The id that a block has on the page: its own, or one by its place. */
const idOf = (block, index) => block.block_id ?? `block-${index}`;

/** A list of nodes for a list of blocks. `errors` has a text by block id, for the fields of a form. */
export function renderBlocks(blocks, scene, errors = {}) {
  return (blocks ?? []).map((block, index) => {
    const blockId = idOf(block, index);
    const draw = Object.hasOwn(DRAWERS, block.type) ? DRAWERS[block.type] : unknown;
    const node = draw(block, blockId, scene, errors[blockId]);
    node.classList.add("block");
    node.dataset.blockId = blockId;
    node.dataset.blockType = block.type;
    return node;
  });
}

function unknown(block) {
  return element("p", { class: "block-unknown" }, `A block of type “${block.type}” is not drawn here.`);
}

function section(block, blockId, scene) {
  const words = element("div", { class: "section-words" });
  if (block.text) words.append(fill(element("div", { class: "mrkdwn" }), renderText(block.text, scene.names)));
  if (block.fields?.length) {
    words.append(element("div", { class: "fields" },
      block.fields.map((field) => fill(element("div", { class: "mrkdwn field-cell" }), renderText(field, scene.names)))));
  }
  const accessory = block.accessory && drawElement(block.accessory, blockId, scene);
  return element("div", { class: "block-section" }, words, accessory && element("div", { class: "section-accessory" }, accessory));
}

function drawElement(item, blockId, scene) {
  if (isControl(item)) return controlFor(item, blockId, scene).node;
  if (item.type === "image") return element("span", { class: "picture", role: "img", "aria-label": item.alt_text }, item.alt_text);
  return unknown(item);
}

function context(block, _blockId, scene) {
  return element("div", { class: "block-context" }, (block.elements ?? []).map((item) =>
    item.type === "image" ? drawElement(item, "", scene) : fill(element("div", { class: "mrkdwn" }), renderText(item, scene.names))));
}

function input(block, blockId, scene, error) {
  scene.declareInput(blockId, block.dispatch_action === true);
  if (!isControl(block.element)) return unknown(block.element ?? { type: "nothing" });
  const { node, control, grouped } = controlFor(block.element, blockId, scene);
  const labelId = freshId("label");
  const hintId = freshId("hint");
  const errorId = freshId("error");
  const words = [
    renderPlain(block.label?.text ?? ""),
    block.optional && element("span", { class: "optional" }, " (optional)"),
  ];
  const label = element("label", { class: "field-label", id: labelId, for: grouped ? null : control.id }, words);
  control.removeAttribute("aria-label");
  control.setAttribute("aria-labelledby", labelId);
  control.setAttribute("aria-describedby", [error && errorId, block.hint && hintId].filter(Boolean).join(" "));
  if (error) control.setAttribute("aria-invalid", "true");
  if (!block.optional && !grouped) control.setAttribute("aria-required", "true");
  return element("div", { class: `block-input${error ? " wrong" : ""}`, dataset: { testid: "field" } },
    label,
    node,
    error && element("p", { class: "field-error", id: errorId, role: "alert", dataset: { testid: "field-error" } }, error),
    block.hint && fill(element("p", { class: "field-hint", id: hintId }), renderText(block.hint, scene.names)));
}

/** Slack's own tree of formatted text, as its composer sends it. */
function richText(block, _blockId, scene) {
  const piece = (item) => {
    if (item.type === "text") {
      let node = document.createTextNode(item.text ?? "");
      for (const [style, tag] of [["bold", "strong"], ["italic", "em"], ["strike", "s"], ["code", "code"]]) {
        if (item.style?.[style]) node = element(tag, {}, node);
      }
      return node;
    }
    if (item.type === "link") return element("span", { class: "link", title: `${item.url} — shown, not opened` }, item.text || item.url);
    if (item.type === "user") return render(`<@${item.user_id}>`, scene.names);
    if (item.type === "channel") return render(`<#${item.channel_id}>`, scene.names);
    if (item.type === "emoji") return renderPlain(`:${item.name}:`);
    return String(item.text ?? "");
  };
  const part = (item) => {
    const inside = (item.elements ?? []).map((child) => (String(child.type).startsWith("rich_text") ? part(child) : piece(child)));
    if (item.type === "rich_text_preformatted") return element("pre", { class: "code-block" }, element("code", {}, inside));
    if (item.type === "rich_text_quote") return element("blockquote", {}, inside);
    if (item.type === "rich_text_list") {
      return element(item.style === "ordered" ? "ol" : "ul", {}, inside.map((child) => element("li", {}, child)));
    }
    return element("div", { class: "lines" }, inside);
  };
  return element("div", { class: "mrkdwn" }, (block.elements ?? []).map(part));
}

function table(block, _blockId, scene) {
  const cell = (content) => (content?.type === "rich_text" ? richText(content, "", scene) : String(content?.text ?? ""));
  const [head = [], ...rows] = block.rows ?? [];
  return element("div", { class: "block-table" }, element("table", {},
    element("thead", {}, element("tr", {}, head.map((item) => element("th", { scope: "col" }, cell(item))))),
    element("tbody", {}, rows.map((row) => element("tr", {}, row.map((item) => element("td", {}, cell(item))))))));
}

const DRAWERS = {
  section,
  context,
  input,
  table,
  rich_text: richText,
  header: (block) => element("h3", { class: "block-header" }, renderPlain(block.text?.text ?? "", block.text?.emoji !== false)),
  divider: () => element("hr", { class: "block-divider" }),
  actions: (block, blockId, scene) =>
    element("div", { class: "block-actions", role: "group", "aria-label": "Actions" },
      (block.elements ?? []).map((item) => drawElement(item, blockId, scene))),
  image: (block) => element("div", { class: "picture", role: "img", "aria-label": block.alt_text }, block.alt_text),
  markdown: (block) => element("div", { class: "mrkdwn markdown" }, block.text ?? ""),
};
