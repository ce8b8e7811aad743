/**
 * The tab "Workflows": runs a workflow of one step of the app, as whoever the page acts as, and shows what came of each
 * run. What is typed here is what a workflow's builder fills in; who started it nobody can type.
 */

import { post } from "./api.js";
import { element, fill, signatureOf } from "./dom.js";
import { clockWithSeconds, instant } from "./time.js";

const STATUS = { running: "Running", completed: "Completed", failed: "Ended with an error" };
const TONE = { completed: "good", failed: "bad" };

/**
 * The tab's content in `panel`. `person()` is who acts, `names.user(id)` a name. Gives {show(steps, runs),
 * suggest(values)}: the latter fills what is still empty, by the names of the inputs.
 */
export function workflowsTab({ panel, person, names, refresh }) {
  const forms = element("div", { class: "workflows" });
  const list = element("ol", { class: "runs", dataset: { testid: "runs" } });
  let offered = "";
  let drawn = "";
  let suggested = {};
  fill(panel, forms, list);

  function suggest(values) {
    suggested = values;
    for (const [name, value] of Object.entries(values)) {
      const box = forms.querySelector(`[data-testid=step-${name}]`);
      if (box && !box.value) box.value = value;
    }
  }

  function drawForm(step) {
    const fields = step.inputs.map((input) => {
      const id = `step-${step.callback_id}-${input.name}`;
      const area = input.name === "indicators";
      const box = element(area ? "textarea" : "input", { class: "text-input", id, rows: area ? 3 : null, spellcheck: "false", autocomplete: "off", "aria-describedby": input.description ? `${id}-hint` : null, dataset: { testid: `step-${input.name}` } });
      box.value = suggested[input.name] ?? "";
      const hint = input.description ? element("p", { class: "field-hint", id: `${id}-hint` }, `${input.description}.`) : null;
      return { input, box, hint, label: element("label", { for: id }, input.is_required ? input.title : `${input.title} (optional)`) };
    });
    const line = element("p", { class: "problem", role: "alert", hidden: true, dataset: { testid: "step-problem" } });
    const run = element("button", { type: "submit", class: "button", dataset: { testid: "step-run" } }, "Run as the person on the left");
    return element("form", {
      class: "workflow",
      dataset: { testid: "workflow", callbackId: step.callback_id },
      on: {
        submit: async (event) => {
          event.preventDefault();
          line.hidden = true;
          const inputs = Object.fromEntries(fields.map(({ input, box }) => [input.name, box.value]));
          try {
            const answer = await post("/api/steps", { as: person(), callback_id: step.callback_id, inputs });
            if (answer.problem) throw new Error(answer.problem);
          } catch (failure) {
            line.hidden = false;
            line.textContent = failure.message;
          }
          refresh();
        },
      },
    }, element("h3", {}, step.title), fields.map(({ label, box, hint }) => [label, box, hint]), run, line);
  }

  function drawRun(run) {
    const at = instant(run.at);
    const said = run.outputs.filter((output) => output.value);
    return element("li", { class: "run", dataset: { testid: "run", status: run.status } },
      element("p", { class: "run-head" }, element("strong", {}, run.title), element("span", { class: "pill", dataset: { tone: TONE[run.status] } }, STATUS[run.status] ?? run.status)),
      element("p", { class: "muted" }, "Started by ", names.user(run.user) ?? run.user, at && [", ", element("time", { datetime: at.toISOString() }, clockWithSeconds(at))]),
      run.error && element("p", { dataset: { testid: "run-error" } }, run.error),
      said.length > 0 && element("dl", {}, said.map((output) => [element("dt", {}, output.title || output.name), element("dd", { dataset: { testid: `run-${output.name}` } }, shown(output.value))])));
  }

  /** What came out; a link to a conversation here can be followed. */
  function shown(value) {
    if (!value.startsWith(`${location.origin}/archives/`)) return value;
    const link = element("a", {}, value);
    link.href = value;
    return link;
  }

  function show(steps, runs) {
    const asked = signatureOf(steps);
    if (asked !== offered) {
      offered = asked;
      fill(forms, steps.length ? steps.map(drawForm) : element("p", { class: "muted" }, "The app has no step for Workflow Builder."));
    }
    const signature = signatureOf(runs);
    if (signature === drawn) return;
    drawn = signature;
    fill(list, [...runs].reverse().map(drawRun));
  }

  return { show, suggest };
}
