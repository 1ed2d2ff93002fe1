// What the page does to processes, if it may.

import { h, toast } from "./ui.js";

let known = { acts: false, token: "" };
let node = "";

// What the page is told of its own node.
export function learn(hello) {
  known = hello;
}

// From now on another node is meant, of which this is told.
export function turnTo(name, hello) {
  node = name;
  known = { token: known.token, acts: hello.acts };
}

export function mayAct() {
  return known.acts;
}

// Why a request was refused: JSON with an error, or a text for readers.
export function reason(text) {
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text;
  }
}

// Asks for something to be done, on the node that is shown or on another one; true if it was.
export async function act(what, done, on = node) {
  try {
    const answer = await fetch(`/api/act${on ? `?node=${encodeURIComponent(on)}` : ""}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-observer-token": known.token },
      body: JSON.stringify(what),
    });
    if (!answer.ok) {
      toast(reason(await answer.text()), true);
      return false;
    }
    if (done) toast(done);
    return true;
  } catch (error) {
    toast(`the program does not answer: ${error.message}`, true);
    return false;
  }
}

// A button that has to be pressed twice.
export function twice(words, again, run, more = {}) {
  let armed = null;
  const button = h("button", { type: "button", class: "button danger", ...more }, words);
  const calm = () => {
    clearTimeout(armed);
    armed = null;
    button.textContent = words;
    button.classList.remove("armed");
  };
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    event.preventDefault();
    if (armed) {
      calm();
      run();
      return;
    }
    button.textContent = again;
    button.classList.add("armed");
    armed = setTimeout(calm, 3000);
  });
  button.addEventListener("blur", calm);
  return button;
}

export function once(words, run, more = {}) {
  const button = h("button", { type: "button", class: "button", ...more }, words);
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    event.preventDefault();
    run();
  });
  return button;
}
