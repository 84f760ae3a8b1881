"use strict";

// Copy buttons are shown only where this script runs. One listener serves the fragments
// that arrive later too.
document.documentElement.classList.add("has-script");

const UNANSWERED =
  "The server gave no answer, and nothing here has changed. Try again in a moment.";

function say(sentence, kind = "") {
  const toast = document.createElement("p");
  toast.className = `toast ${kind}`;
  toast.textContent = sentence;
  document.getElementById("status")?.replaceChildren(toast);
}

function select(element) {
  getSelection().selectAllChildren(element);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    say(button.dataset.copied || "Copied.");
  } catch {
    // Without https there is no clipboard: mark the text for the person's own copying.
    select(source);
    say("Press Ctrl+C to copy what is marked.");
  }
});

// Boxes to tick are narrowed to those that say what is typed; ticked ones always stay.
document.addEventListener("input", (event) => {
  const fieldset = document.getElementById(event.target.dataset?.narrows);
  if (!fieldset) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const box of fieldset.querySelectorAll(".field-check")) {
    const isTicked = box.querySelector("input").checked;
    box.hidden = !isTicked && !box.textContent.toLowerCase().includes(wanted);
  }
  for (const group of fieldset.querySelectorAll(".box-group")) {
    group.hidden = !group.querySelector(".field-check:not([hidden])");
  }
});

document.addEventListener("keydown", (event) => {
  // Enter in the box that narrows must not send the form around it.
  if (event.key === "Enter" && event.target.dataset?.narrows) event.preventDefault();
});

// A request without an answer, or with that of a gateway, leaves the page as it is. htmx
// says so in no way that its versions share; but it marks what waits, and answers change
// the page before the mark is taken off. (Marks of pages that are being left stay.)
const waiting = new Map();
let changes = 0;

new MutationObserver((records) => {
  for (const { type, target } of records) {
    const isMarked = target.classList.contains("htmx-request");
    if (type === "childList") changes += 1;
    else if (isMarked && !waiting.has(target)) waiting.set(target, changes);
    else if (!isMarked && waiting.has(target)) {
      const hasChanged = waiting.get(target) !== changes;
      waiting.delete(target);
      if (!hasChanged && target.isConnected) say(UNANSWERED, "toast-danger");
    }
  }
}).observe(document.getElementById("main"), {
  attributeFilter: ["class"],
  childList: true,
  subtree: true,
});
