// Applications, supervisors and their children, live. What crashes flashes, and what it died of stands beside it.

import { act, mayAct, once, twice } from "./act.js";
import { ago, dot, doing, empty, h, heading, href, list, number, plural, say, seconds, show, title, type } from "./ui.js";

const STRATEGIES = {
  one_for_one: ["one for one", "only the child that ended is started again"],
  one_for_all: ["one for all", "all children are started again"],
  rest_for_one: ["rest for one", "the child that ended and those after it are started again"],
};

export function tree(root) {
  const sub = h("p", { class: "sub" }, "asking the supervisors…");
  const rows = h("div", { class: "tree", role: "tree", "aria-label": "Processes by who started them" });
  const none = empty("No process lives.");
  const folded = new Set();
  let before = new Map();
  let last = null;
  root.append(heading("Tree", sub), rows, none);

  function draw(data) {
    last = data;
    const all = [];
    // `ended` says of each level above whether nothing more comes there.
    const walk = (twig, ended, supervisor) => {
      all.push({ twig, ended, supervisor });
      if (folded.has(twig.key)) return;
      const last = twig.more > 0 ? null : twig.below.at(-1);
      twig.below.forEach((it) => walk(it, [...ended, it === last], twig));
      if (twig.more > 0) all.push({ more: twig.more, ended: [...ended, true], twig: { key: `${twig.key}/…` } });
    };
    data.roots.forEach((twig) => walk(twig, [], null));
    const restarts = all.reduce((sum, it) => sum + (it.twig.child?.restarts ?? 0) + (it.twig.guard?.restarts ?? 0), 0);
    const part = data.shown < data.total ? `the first ${number(data.shown)} of ` : "";
    say(sub, `${part}${plural(data.total, "process", "processes")}${restarts ? `, ${plural(restarts, "restart")}` : ""}`);
    show(none, all.length === 0);
    list(rows, all, (it) => it.twig.key, make, change);
    before = new Map(all.filter((it) => !it.more).map(({ twig }) => [twig.key, pidOf(twig)]));
    if (!rows.querySelector(".twig[tabindex='0']")) reach(rows.querySelector(".twig"), 0);
  }

  function make(it) {
    if (it.more) return h("p", { class: "twig-more" });
    const element = h("div", { class: "twig", role: "treeitem", tabindex: "-1" },
      h("span", { class: "guides", "aria-hidden": "true" }),
      h("button", { type: "button", class: "fold", tabindex: "-1", "aria-hidden": "true" }),
      h("span", { class: "twig-dot" }),
      h("span", { class: "twig-name" }, h("a", { tabindex: "-1" }), h("small")),
      h("span", { class: "badges" }),
      h("span", { class: "twig-last" }),
      h("span", { class: "twig-doing" }),
      h("span", { class: "twig-acts" }));
    element.querySelector(".fold").addEventListener("click", () => fold(element.key));
    return element;
  }

  function change(element, { twig, ended, more, supervisor }) {
    const depth = ended.length;
    element.style.setProperty("--depth", depth);
    if (more) {
      say(element, `and ${number(more)} more`);
      return;
    }
    const pid = pidOf(twig);
    element.key = twig.key;
    element.pid = pid;
    element.dataset.child = twig.child?.id ?? "";
    element.dataset.kind = twig.kind;
    element.dataset.restarts = twig.child?.restarts ?? 0;
    element.dataset.status = status(twig);
    element.setAttribute("aria-level", depth + 1);
    const guides = element.querySelector(".guides");
    const lines = ended.map((it) => (it ? "ended" : "")).join();
    if (guides.dataset.lines !== `${depth} ${lines}`) {
      guides.dataset.lines = `${depth} ${lines}`;
      guides.replaceChildren(...ended.map((it) => h("i", { class: it ? "ended" : undefined })));
    }
    const opens = twig.below.length > 0 || twig.more > 0;
    const closed = folded.has(twig.key);
    if (opens) element.setAttribute("aria-expanded", String(!closed));
    else element.removeAttribute("aria-expanded");
    element.querySelector(".fold").classList.toggle("leaf", !opens);
    element.querySelector(".twig-dot").className = `twig-dot dot ${status(twig)}`;
    const [link, small] = element.querySelector(".twig-name").children;
    say(link, twig.child?.id ? twig.title : twig.row ? title(twig.row) : twig.title);
    if (pid) link.href = href(pid);
    else link.removeAttribute("href");
    say(small, pid ? pid.replace(/[<>]/g, "") : status(twig));
    badges(element.querySelector(".badges"), twig);
    const end = element.querySelector(".twig-last");
    say(end, twig.last ? `${twig.last.reason}` : "");
    end.title = twig.last ? `the one before ended ${ago(twig.last.at)}: ${twig.last.reason}` : "";
    const work = element.querySelector(".twig-doing");
    say(work, twig.owes ? `has not answered for ${twig.owes} s` : busy(twig));
    work.classList.toggle("warn", Boolean(twig.owes) || (twig.row?.queue ?? 0) > 100);
    buttons(element, twig, supervisor);
    if (before.has(twig.key)) {
      const former = before.get(twig.key);
      if (former !== pid) flash(element, pid ? "back" : "gone");
    } else if (before.size > 0) flash(element, "new");
  }

  function fold(key) {
    if (folded.has(key)) folded.delete(key);
    else folded.add(key);
    draw(last);
  }

  rows.addEventListener("keydown", (event) => {
    const row = event.target.closest(".twig");
    if (!row || event.target.closest("button")) return;
    const all = [...rows.querySelectorAll(".twig")];
    const at = all.indexOf(row);
    const go = (next) => {
      if (!next) return;
      reach(row, -1);
      reach(next, 0);
      next.focus();
    };
    const level = (it) => Number(it.ariaLevel);
    const keys = {
      ArrowDown: () => go(all[at + 1]),
      ArrowUp: () => go(all[at - 1]),
      Home: () => go(all[0]),
      End: () => go(all.at(-1)),
      ArrowRight: () => (folded.has(row.key) ? fold(row.key) : go(all[at + 1])),
      ArrowLeft: () => (row.ariaExpanded === "true" ? fold(row.key) : go(all.slice(0, at).findLast((it) => level(it) < level(row)))),
      Enter: () => row.pid && (location.hash = href(row.pid)),
    };
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  return { title: "Tree", params: { view: "tree" }, draw };
}

// The row that Tab comes to, and its buttons after it; all others are come to by the arrows.
function reach(row, tabIndex) {
  if (!row) return;
  row.tabIndex = tabIndex;
  for (const button of row.querySelectorAll(".twig-acts button")) button.tabIndex = tabIndex;
}

function pidOf(twig) {
  return twig.row?.pid ?? null;
}

function status(twig) {
  if (twig.row) return twig.row.status;
  return twig.child?.status ?? "stopped";
}

function busy(twig) {
  if (!twig.row) return "";
  const words = [];
  if (twig.row.queue > 0) words.push(`${number(twig.row.queue)} waiting`);
  if (twig.row.waiting || twig.row.since > 0) words.push(doing(twig.row));
  return words.join(", ");
}

function badges(element, twig) {
  const wanted = [];
  if (twig.application) wanted.push(["application", twig.application, "the top of this application"]);
  if (twig.flags) {
    const [words, means] = STRATEGIES[twig.flags.strategy];
    wanted.push(["strategy", words, means]);
    wanted.push(["limit", `${twig.flags.most} in ${twig.flags.period} s`, "more restarts than these end the supervisor"]);
  }
  if (twig.guard) {
    const { left, starts, holder, restarts } = twig.guard;
    if (left) wanted.push(["backoff", `starts in ${seconds(left)}`, "the delay before the next attempt to start its child"]);
    if (starts) wanted.push(["backoff", "starting", "its child is being started"]);
    if (holder) wanted.push(["backoff", `waits for ${holder}`, "the process that has the name of its child"]);
    if (restarts > 0) wanted.push(["restarts", `↻ ${number(restarts)}`, `its child was started again ${restarts === 1 ? "once" : `${restarts} times`}`]);
  }
  if (twig.kind === "dynamic") wanted.push(["strategy", "dynamic", "its children come and go"]);
  if (twig.kind === "server" && !twig.child?.id && twig.row) wanted.push(["type", type(twig.row.call), "its type"]);
  if (twig.child && twig.child.restart !== "permanent") wanted.push(["restart", twig.child.restart, "when it is started again"]);
  if (twig.child?.restarts > 0 && !twig.guard?.restarts) {
    const count = twig.child.restarts;
    wanted.push(["restarts", `↻ ${number(count)}`, `started again ${count === 1 ? "once" : `${count} times`}`]);
  }
  list(element, wanted, ([kind]) => kind, ([kind]) => h("span", { class: `badge ${kind}` }), (badge, [, words, means]) => {
    say(badge, words);
    badge.title = means;
  });
}

function buttons(element, twig, supervisor) {
  const acts = element.querySelector(".twig-acts");
  const pid = pidOf(twig);
  const id = twig.child?.id;
  const wanted = `${pid} ${id} ${supervisor?.row?.pid}`;
  if (!mayAct() || acts.dataset.of === wanted) return;
  acts.dataset.of = wanted;
  const above = supervisor?.row?.pid;
  const quiet = { tabindex: element.tabIndex };
  acts.replaceChildren();
  if (pid && id && above && supervisor.kind === "supervisor") {
    acts.append(twice("Stop", "Stop it?", () => act({ do: "terminate_child", supervisor: above, child: id }, `${id} is stopped`), { ...quiet, "data-act": "stop" }));
  }
  if (!pid && id && above) {
    acts.append(once("Start", () => act({ do: "restart_child", supervisor: above, child: id }, `${id} is started`), { ...quiet, "data-act": "start" }));
  }
  if (pid) acts.append(twice("Kill", "Kill it?", () => act({ do: "kill", pid }, `${pid} was killed`), { ...quiet, "data-act": "kill" }));
}

function flash(element, how) {
  element.classList.remove("flash-back", "flash-gone", "flash-new");
  // So that the same flash begins anew.
  element.getBoundingClientRect();
  element.classList.add(`flash-${how}`);
  element.dataset.flashes = Number(element.dataset.flashes ?? 0) + 1;
}
