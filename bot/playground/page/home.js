/** App Home: what the app has published for whoever acts. Opening it tells the app. */

import { post } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { sceneFor } from "./controls.js";
import { byId, element, fill, focusMark, restoreFocus, signatureOf } from "./dom.js";

/** App Home in the list on the left; no channel has such an id. */
export const HOME = "H";

/**
 * The Home of the page. `person()` gives the id of who acts, `names` resolves ids, `problem(text)` shows a problem,
 * `refresh()` reads everything anew. Gives {open(), show(view, here)}.
 */
export function home({ person, names, problem, refresh }) {
  const root = byId("home");
  let shown = "";

  async function tell(path, body) {
    problem(null);
    try {
      const answer = await post(path, body);
      problem(answer.problem);
    } catch (failure) {
      problem(failure.message);
    }
    refresh();
  }

  function click(view, blockId, item, value) {
    const body = { as: person(), view_id: view.id, block_id: blockId, action_id: item.action_id };
    if (value !== null && value !== undefined) body.value = value;
    return tell("/api/click", body);
  }

  return {
    /** Somebody has opened it: the app is told, and publishes what it has to show. */
    open: () => tell("/api/home", { as: person() }),
    show(view, here) {
      root.hidden = !here;
      byId("messages").hidden = here;
      byId("composer-area").hidden = here;
      const signature = signatureOf([view, person()]);
      if (!here || signature === shown) return;
      shown = signature;
      const mark = focusMark(root);
      const scene = sceneFor({ names, person, send: (blockId, item, value) => click(view, blockId, item, value) });
      fill(root, view ? renderBlocks(view.blocks, scene) : element("p", { class: "nothing" }, "The app has published nothing here yet."));
      if (mark) restoreFocus(root, mark);
    },
  };
}
