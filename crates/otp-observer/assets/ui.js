// What all pages are built with: elements, lists that are kept up to date, lines, and numbers for readers.

export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Sets a text only where it has changed, so that a selection stays.
export function say(element, text) {
  const string = text === null || text === undefined ? "" : String(text);
  if (element.textContent !== string) element.textContent = string;
}

export function show(element, yes) {
  element.hidden = !yes;
}

// Keeps the children of an element in step with items: each has a key, is made once, and is changed from then on.
export function list(parent, items, key, make, change) {
  const known = parent.known ?? (parent.known = new Map());
  const wanted = new Set(items.map((item) => key(item)));
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  // First, so that what stays need not be moved.
  for (const [name, element] of known) {
    if (!wanted.has(name)) {
      element.remove();
      known.delete(name);
    }
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let element = known.get(name);
    if (!element) {
      element = make(item);
      known.set(name, element);
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
    change(element, item);
  }
  // What is moved loses the focus.
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
}

// ---- numbers -------------------------------------------------------------------------------------------------------

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function number(value) {
  if (value === null || value === undefined) return "–";
  return whole.format(value).replaceAll(",", "\u2009");
}

export function brief(value) {
  if (value === null || value === undefined) return "–";
  if (value < 10 && value % 1 !== 0) return value.toFixed(1);
  if (value < 10000) return number(value);
  if (value < 1e6) return `${(value / 1e3).toFixed(value < 1e5 ? 1 : 0)} k`;
  return `${(value / 1e6).toFixed(value < 1e8 ? 1 : 0)} M`;
}

export function bytes(value) {
  if (value === null || value === undefined) return ["–", ""];
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  return [value < 10 && at > 0 ? value.toFixed(1) : value.toFixed(0), units[at]];
}

export function millis(value) {
  if (value === null || value === undefined) return "–";
  if (value < 1) return value === 0 ? "0" : "<1 ms";
  if (value < 1000) return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  if (value < 60000) return `${(value / 1000).toFixed(1)} s`;
  return `${Math.floor(value / 60000)} min`;
}

export function seconds(value) {
  if (value < 60) return `${value} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min`;
  return `${Math.floor(value / 3600)} h`;
}

export function ago(at) {
  const past = Math.max(0, Math.round((Date.now() - at) / 1000));
  return past < 2 ? "just now" : `${seconds(past)} ago`;
}

export function clock(at) {
  return new Date(at).toLocaleTimeString("en-GB");
}

export function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

// ---- processes -----------------------------------------------------------------------------------------------------

// A type as people name it: without the paths.
export function type(path) {
  return path.replaceAll("::{{closure}}", "").replace(/\b(?:[a-zA-Z_][a-zA-Z0-9_]*::)+(?=[a-zA-Z_<])/g, "");
}

export function title(row) {
  return row.name ?? row.label ?? type(row.call);
}

export function href(pid) {
  return `#/process/${encodeURIComponent(pid.replace(/[<>]/g, ""))}`;
}

export function pidOf(text) {
  return `<${text.replace(/[<>]/g, "")}>`;
}

export function pid(text) {
  return h("a", { class: "pid", href: href(text) }, text.replace(/[<>]/g, ""));
}

export const STATUS = {
  running: "running on a thread",
  calling: "waiting for an answer",
  handling: "in a callback, and waiting",
  behind: "its messages wait",
  idle: "waiting for a message",
  exiting: "ending",
};

export function dot(status) {
  return h("span", { class: `dot ${status}`, title: STATUS[status] ?? status, "aria-hidden": "true" });
}

// What a process is doing, in words.
export function doing(row) {
  // One that began before a page was open: it is not known which, nor since when.
  const known = row.callback !== "unknown";
  const callback = known ? row.callback : "a callback";
  const time = row.since > 0 ? ` for ${known ? "" : "more than "}${seconds(row.since)}` : "";
  if (row.waiting && row.callback) return `${callback}${time}, calling ${row.waiting}`;
  if (row.waiting) return `calling ${row.waiting}`;
  if (row.callback) return `${callback}${time}`;
  return row.status;
}

// ---- lines ---------------------------------------------------------------------------------------------------------

const WIDTH = 240;

export function spark(label, height = 48) {
  const base = svg("path", { class: "spark-base", d: `M0 ${height - 2}H${WIDTH}` });
  const area = svg("path", { class: "spark-area" });
  const line = svg("path", { class: "spark-line" });
  const picture = svg("svg", {
    class: "spark", viewBox: `0 0 ${WIDTH} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label,
  }, base, area, line);
  picture.draw = (values, room, least = 1) => {
    const known = values.map((value) => value ?? 0);
    if (known.length < 2) {
      area.setAttribute("d", "");
      line.setAttribute("d", "");
      return;
    }
    const most = Math.max(...known, least);
    const step = WIDTH / (room - 1);
    const begin = WIDTH - (known.length - 1) * step;
    const points = known.map((value, at) =>
      `${(begin + at * step).toFixed(1)} ${(height - 2 - (value / most) * (height - 6)).toFixed(1)}`);
    line.setAttribute("d", `M${points.join("L")}`);
    area.setAttribute("d", `M${begin.toFixed(1)} ${height}L${points.join("L")}L${WIDTH} ${height}Z`);
  };
  return picture;
}

// ---- parts of pages ------------------------------------------------------------------------------------------------

export function heading(text, sub) {
  return h("div", { class: "page-head" }, h("div", {}, h("h1", {}, text), sub ?? null));
}

export function card(title, ...children) {
  return h("section", { class: "card" }, h("h2", { class: "card-title" }, title), ...children);
}

export function empty(text) {
  return h("p", { class: "empty" }, text);
}

export function toast(text, bad = false) {
  const note = h("p", { class: bad ? "toast bad" : "toast" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.classList.add("going"), 3600);
  setTimeout(() => note.remove(), 4000);
}
