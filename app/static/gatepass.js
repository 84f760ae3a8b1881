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

// A list of boxes shows only those whose words contain what is typed.
document.addEventListener("input", ({target}) => {
  const list = target.dataset?.narrows && document.getElementById(target.dataset.narrows);
  if (!list) return;
  const wanted = target.value.trim().toLowerCase();
  const hide = (part, keeps) => (part.hidden = !keeps);
  for (const box of list.querySelectorAll(".field-check")) {
    hide(box, box.textContent.toLowerCase().includes(wanted));
  }
  for (const group of list.querySelectorAll(".group")) {
    hide(group, group.querySelector(".field-check:not([hidden])"));
  }
});
