// The choice of light or dark, remembered. Loaded before anything is painted, so nothing flashes.
"use strict";

{
  const root = document.documentElement;
  let choice = "";
  try {
    choice = localStorage.getItem("theme") || "";
  } catch {
    // Storage is switched off: the system's choice holds.
  }
  if (choice) root.dataset.theme = choice;

  document.addEventListener("DOMContentLoaded", () => {
    const select = document.getElementById("theme-choice");
    if (!select) return;
    select.value = choice;
    select.parentElement.hidden = false;
    select.addEventListener("change", () => {
      root.dataset.theme = select.value;
      try {
        localStorage.setItem("theme", select.value);
      } catch {
        // It holds for this page, at least.
      }
    });
  });
}
