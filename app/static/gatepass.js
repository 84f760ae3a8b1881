"use strict";

// Copy buttons are shown only where this script runs. One listener serves the fragments
// that arrive later too.
document.documentElement.classList.add("has-script");

function say(sentence) {
  const toast = document.createElement("p");
  toast.className = "toast";
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
