// The ticks of an upgrade plan, kept in this browser, and the button that copies its checklist.
// Without scripts the boxes can be ticked, but nothing is kept.
"use strict";

{
  const plan = document.querySelector("[data-plan]");
  const boxes = plan ? [...plan.querySelectorAll("input[type=checkbox]")] : [];
  const key = `plan ${plan?.dataset.plan}`;

  const keep = () => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    if (ticked.length) localStorage.setItem(key, JSON.stringify(ticked));
    else localStorage.removeItem(key);
  };

  try {
    const ticked = JSON.parse(localStorage.getItem(key)) || [];
    for (const box of boxes) box.checked = ticked.includes(box.value);
    plan?.addEventListener("change", keep);
    for (const words of document.querySelectorAll("[data-ticks]")) words.hidden = false;
  } catch {
    // Storage is switched off or holds something else: the ticks last as long as the page.
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
