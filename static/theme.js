// The choice of light or dark, remembered. Loaded before anything is painted, so nothing flashes.
"use strict";

{
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const system = () => (dark.matches ? "dark" : "light");
  try {
    const choice = localStorage.getItem("theme");
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
  } catch {
    // Storage is switched off: the system's choice holds.
  }

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    button.addEventListener("click", () => {
      const next = (root.dataset.theme || system()) === "dark" ? "light" : "dark";
      const own = next !== system();
      if (own) root.dataset.theme = next;
      else delete root.dataset.theme;
      try {
        if (own) localStorage.setItem("theme", next);
        else localStorage.removeItem("theme");
      } catch {
        // It holds for this page, at least.
      }
    });
  });
}
