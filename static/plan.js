// The ticks of an upgrade plan, kept in this browser, and the button that copies its checklist.
// Without scripts the boxes can be ticked, but nothing is kept.
"use strict";

{
  const plan = document.querySelector("[data-plan]");
  const boxes = plan ? [...plan.querySelectorAll("input[type=checkbox]")] : [];
  const key = `plan ${plan?.dataset.plan}`;

  const kept = (storage) => {
    try {
      const ticked = JSON.parse(storage.getItem(key));
      return Array.isArray(ticked) ? ticked : [];
    } catch {
      return []; // something else is stored under this name
    }
  };

  const keep = (storage) => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    if (ticked.length) storage.setItem(key, JSON.stringify(ticked));
    else storage.removeItem(key);
  };

  try {
    const storage = localStorage;
    const ticked = kept(storage);
    for (const box of boxes) box.checked = ticked.includes(box.value);
    plan?.addEventListener("change", () => keep(storage));
    for (const words of document.querySelectorAll("[data-ticks]")) words.hidden = false;
  } catch {
    // Storage is switched off: the ticks last as long as the page.
  }

  const button = document.querySelector("[data-copy-from]");
  if (button && navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const answer = await fetch(button.dataset.copyFrom);
      if (!answer.ok) return;
      await navigator.clipboard.writeText(await answer.text());
      button.textContent = "Copied";
    });
  }
}
