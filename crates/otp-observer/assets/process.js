// One process: what it is, whom it knows, what it shows of itself, and what can be done to it.

import { act, mayAct, once, twice } from "./act.js";
import { ago, brief, bytes, card, dot, doing, empty, h, href, list, millis, number, pid, say, seconds, show, spark, title, type, STATUS } from "./ui.js";
import { report } from "./reports.js";

const ROOM = 60;

export function process(root, args) {
  const name = h("h1", {}, args.pid);
  const sub = h("p", { class: "sub" });
  const chips = h("div", { class: "chips" });
  const acts = h("div", { class: "acts" });
  const gone = h("section", { class: "gone", role: "status", hidden: true });
  const queue = figure("In the queue");
  const handled = figure("Messages a second");
  const busy = figure("Of a thread");
  const state = h("pre", { class: "state" });
  const stateNote = h("p", { class: "note" });
  const waiting = h("ol", { class: "waiting" });
  const queued = card("First in the queue", waiting);
  const facts = h("dl", { class: "fields wide" });
  const relations = {
    ancestors: relation("Started by"), links: relation("Linked with"), monitors: relation("Monitors"), watchers: relation("Monitored by"),
  };
  const reports = h("ol", { class: "reports" });
  const calm = empty("Nothing has been reported of it.");
  const body = h("div", { class: "process" },
    h("div", { class: "tiles three" }, queue.element, handled.element, busy.element),
    card("State", state, stateNote), queued,
    h("div", { class: "columns" }, card("What it is", facts), card("Whom it knows", h("div", { class: "relations" }, Object.values(relations).map((it) => it.element)))),
    card("Reports", reports, calm));
  root.append(h("div", { class: "page-head" }, h("div", {}, h("p", { class: "crumb" }, h("a", { href: "#/processes" }, "Processes")), name, sub, chips), acts), gone, body);

  const past = { queue: [], handled: [], busy: [] };
  let before = null;
  let offered = "";

  function draw(data) {
    show(gone, Boolean(data.gone));
    body.classList.toggle("past", Boolean(data.gone));
    const row = data.row;
    say(name, row ? title(row) : args.pid);
    list(reports, data.reports, (it) => it.number, report, () => {});
    show(calm, data.reports.length === 0);
    if (data.gone) {
      farewell(data);
      return;
    }
    say(sub, `${args.pid.replace(/[<>]/g, "")} · ${type(row.call)}`);
    const words = [[row.status, doing(row), STATUS[row.status]]];
    if (data.status?.suspended) words.push(["suspended", "suspended", "it handles no messages until it is resumed"]);
    if (data.traps) words.push(["traps", "traps exits", "exit signals become messages"]);
    if (data.traced) words.push(["traced", "traced", "its messages stand on the page Trace"]);
    list(chips, words, ([kind]) => kind, ([kind]) => h("span", { class: `chip ${kind}` }, dot(kind), h("span")), (chip, [, text, means]) => {
      say(chip.lastChild, text);
      chip.title = means ?? "";
    });
    measure(row);
    shown(data, row);
    list(facts, [["pid", row.pid.replace(/[<>]/g, "")], ["names", data.names.join(", ")], ["label", row.label], ["runs", type(row.call)], ["receives", messages(data.messages)],
      ["messages handled", row.handled === null ? null : number(row.handled)], ["polls", data.polls === null ? null : number(data.polls)], ["time on a thread", millis(row.busy)],
      ["size of the state", data.status ? sizes(data.status) : null], ["size of the mailbox", data.mailbox ? `${size(data.mailbox)}, and what its messages point to` : null],
      ["messages lost", data.lost ? number(data.lost) : null], ["monitors elsewhere", data.monitored_names.join(", ")],
    ].filter(([, value]) => value), ([what]) => what, ([what]) => h("div", {}, h("dt", {}, what), h("dd")), (line, [, value]) => say(line.lastChild, value));
    for (const [what, it] of Object.entries(relations)) it.set(data[what]);
    offer(data, row);
  }

  function measure(row) {
    const now = performance.now();
    const add = (values, value) => {
      values.push(value);
      if (values.length > ROOM) values.shift();
    };
    add(past.queue, row.queue);
    queue.set(number(row.queue), past.queue, 4);
    if (before && row.handled !== null && before.row.handled !== null) {
      const time = (now - before.at) / 1000;
      const rate = Math.max(0, row.handled - before.row.handled) / time;
      const share = Math.max(0, row.busy - before.row.busy) / (time * 1000);
      add(past.handled, rate);
      add(past.busy, share);
      handled.set(brief(rate), past.handled, 4);
      busy.set(`${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`, past.busy, 0.05);
    }
    before = { at: now, row };
  }

  function shown(data, row) {
    say(state, data.status?.state ?? "");
    show(state, Boolean(data.status?.state));
    let words = "";
    if (!data.is_server) words = "It is no server, and shows nothing of what it has.";
    else if (data.owes) words = `It has not answered for ${seconds(data.owes)}${row.callback ? `: it is in ${doing(row)}` : ""}. ${data.status ? "This is the last that it has shown." : ""}`;
    else if (data.status && !data.status.state) words = "It shows nothing of its state: its type has no format_status.";
    say(stateNote, words);
    const messages = data.status?.queue ?? [];
    show(queued, messages.length > 0);
    list(waiting, messages.map((text, at) => ({ text, at })), ({ at }) => at, () => h("li"), (item, { text }) => say(item, text));
    stateNote.classList.toggle("warn", Boolean(data.owes));
  }

  function offer(data, row) {
    const wanted = `${data.is_server} ${data.status?.suspended} ${data.traced} ${mayAct()}`;
    if (offered === wanted) return;
    offered = wanted;
    acts.replaceChildren();
    const target = row.pid;
    if (data.is_server) {
      acts.append(once(data.traced ? "End the trace" : "Trace", () => act({ do: "trace", pid: target, on: !data.traced }, data.traced ? "it is traced no more" : "its messages stand on the page Trace"), { "data-act": "trace" }));
    }
    if (!mayAct()) return;
    if (data.is_server) {
      const suspended = data.status?.suspended;
      acts.append(once(suspended ? "Resume" : "Suspend", () => act({ do: suspended ? "resume" : "suspend", pid: target }, suspended ? "it goes on" : "it is suspended"), { "data-act": "suspend" }));
      acts.append(twice("Stop", "Stop it?", () => act({ do: "stop", pid: target, reason: "normal" }, "it was told to stop"), { "data-act": "stop" }));
    }
    acts.append(exits(target));
    acts.append(twice("Kill", "Kill it?", () => act({ do: "kill", pid: target }, "it was killed"), { "data-act": "kill" }));
  }

  function farewell(data) {
    acts.replaceChildren();
    chips.replaceChildren();
    chips.known?.clear();
    offered = "";
    const why = data.ended ? ` It ended ${ago(data.ended.at)}: ` : "";
    gone.replaceChildren(h("p", {}, h("b", {}, `${args.pid} does not live any more.`), why, data.ended ? h("code", {}, data.ended.reason) : null));
    if (data.successor) gone.append(h("p", {}, "Its name belongs to ", pid(data.successor), " now."));
  }

  return { title: args.pid, params: { view: "process", pid: args.pid }, draw };
}

// An exit with a reason of one's own.
function exits(target) {
  const reason = h("input", { name: "reason", value: "shutdown", "aria-label": "Reason", autocomplete: "off", spellcheck: "false" });
  const dialog = h("dialog", { class: "exit" },
    h("form", { method: "dialog" }, h("h2", {}, "Send an exit signal"), h("p", { class: "note" }, "A process that traps exits gets a message. All others end with this reason, unless it is “normal”."),
      h("label", {}, "Reason", reason),
      h("menu", {}, h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"), h("button", { class: "button danger solid", value: "send" }, "Send"))));
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "send") act({ do: "exit", pid: target, reason: reason.value }, "the signal is sent");
  });
  const open = () => {
    // What it returned the last time is not meant again.
    dialog.returnValue = "";
    dialog.showModal();
  };
  return h("span", {}, once("Exit…", open, { "data-act": "exit" }), dialog);
}

// What a state takes, as far as its server tells.
function sizes(status) {
  const more = status.heap_size === null ? "and what it points to" : `and ${size(status.heap_size)} on the heap`;
  return `${size(status.state_size)}, ${more}`;
}

function size(value) {
  return bytes(value).join(" ");
}

// Of a server's type the envelope is no news.
function messages(path) {
  const server = path.match(/^otp_core::gen_server::server_ref::Envelope<(.*)>$/);
  return server ? `calls and casts of ${type(server[1])}` : type(path);
}

function figure(words) {
  const value = h("span", { class: "tile-value" }, "–");
  const line = spark(words, 36);
  return {
    element: h("section", { class: "tile" }, h("h2", {}, words), h("p", { class: "tile-figure" }, value), line),
    set(text, values, least) {
      say(value, text);
      line.draw(values, Math.min(ROOM, Math.max(20, values.length)), least);
    },
  };
}

function relation(words) {
  const items = h("ul");
  const more = h("p", { class: "muted" });
  const element = h("div", { class: "relation" }, h("h3", {}, words), items, more);
  return {
    element,
    set(data) {
      show(element, data.count > 0);
      list(items, data.some.map((it, at) => ({ ...it, at })), (it) => `${it.at} ${it.pid}`, (it) => h("li", {}, h("a", { href: href(it.pid) }, h("b"), h("small"))), (item, it) => {
        say(item.firstChild.firstChild, it.title ?? "gone, or elsewhere");
        say(item.firstChild.lastChild, it.pid.replace(/[<>]/g, ""));
      });
      say(more, data.count > data.some.length ? `and ${number(data.count - data.some.length)} more` : "");
    },
  };
}
