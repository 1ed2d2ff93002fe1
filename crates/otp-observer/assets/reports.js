// What the runtime has reported.

import { clock, empty, h, heading, list, pid, plural, say, show } from "./ui.js";

const LEVELS = ["all", "error", "warn", "info"];

export function reports(root) {
  const sub = h("p", { class: "sub" }, "");
  const rows = h("ol", { class: "reports" });
  const none = empty("Nothing has been reported since the observer was started.");
  let level = "all";
  let last = [];
  const choose = h("div", { class: "segments", role: "group", "aria-label": "Which reports" },
    LEVELS.map((name) => h("button", {
      type: "button", "aria-pressed": String(name === level),
      onclick(event) {
        level = name;
        for (const button of choose.children) button.setAttribute("aria-pressed", String(button === event.currentTarget));
        redraw();
      },
    }, name)));
  const head = heading("Reports", sub);
  head.append(choose);
  root.append(head, rows, none);

  function redraw() {
    const some = last.filter((it) => level === "all" || it.level === level);
    show(none, some.length === 0);
    list(rows, some, (it) => it.number, report, () => {});
  }

  function draw(data) {
    last = data.reports;
    say(sub, data.count > last.length ? `the last ${last.length} of ${plural(data.count, "report")}` : plural(data.count, "report"));
    redraw();
  }

  return { title: "Reports", params: { view: "reports" }, draw };
}

// Fields that the text tells already, or that are of no use beside it.
const TOLD = new Set(["kind", "pid", "reason"]);

export function report(it) {
  const [first, ...rest] = it.text.split("\n");
  const why = rest.find((line) => line.startsWith("**"));
  const fields = Object.entries(it.fields).filter(([name]) => !TOLD.has(name));
  return h("li", { class: `report ${it.level}` }, h("details", {},
    h("summary", {},
      h("time", {}, clock(it.at)),
      h("span", { class: `level ${it.level}` }, it.level),
      h("span", { class: "report-words" }, h("b", {}, first), why ? h("span", {}, why.replace(/^\*\* ?/, "")) : null),
      h("span", { class: "kind" }, it.fields.kind ?? "")),
    h("div", { class: "report-body" },
      h("pre", {}, it.text),
      it.fields.pid?.startsWith("<") ? h("p", {}, "process ", pid(it.fields.pid)) : null,
      fields.length ? h("dl", { class: "fields" }, fields.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))) : null)));
}
