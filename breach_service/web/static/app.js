// Four comforts; the pages say and do everything without them.
// 1. Time left is reckoned from the date in `datetime` and the reader's clock. 2. Copy buttons copy.
// 3. A part of a sample that is clicked goes into the field that was last in use, else into the first empty one.
"use strict";

(() => {
  const french = document.documentElement.lang === "fr";

  // The same words as the server's filter `duration`: 48 min, 26 h 58, beyond 72 hours 4 j 3 h.
  const worded = (milliseconds) => {
    const minutes = Math.floor(Math.abs(milliseconds) / 60000);
    const hours = Math.floor(minutes / 60);
    const words = Math.abs(milliseconds) > 72 * 3600000
      ? `${Math.floor(hours / 24)} ${french ? "j" : "d"} ${hours % 24} h`
      : hours ? `${hours} h ${String(minutes % 60).padStart(2, "0")}` : `${minutes} min`;
    return words.replaceAll(" ", "\u00a0");
  };

  const rewrite = () => {
    const now = Date.now();
    for (const time of document.querySelectorAll(".left time[datetime]")) {
      const left = Date.parse(time.dateTime) - now;
      const small = time.parentElement.querySelector("small");
      if (Number.isNaN(left)) continue;
      time.textContent = worded(small ? left : Math.max(left, 0));
      if (!small) continue;
      const inDays = left > 72 * 3600000;
      small.textContent = left <= 0 ? time.dataset.late : inDays ? time.dataset.leftDays : time.dataset.left;
    }
  };

  rewrite();
  setInterval(rewrite, 20000);
  addEventListener("focus", rewrite);
  document.addEventListener("visibilitychange", () => document.hidden || rewrite());

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const value = document.getElementById(button.dataset.copy);
    const said = document.getElementById("said");
    const words = button.querySelector(".said");
    await navigator.clipboard.writeText((value.value ?? value.textContent).trim());
    const before = words.textContent;
    words.textContent = said.textContent = said.dataset.copied;
    setTimeout(() => { words.textContent = before; said.textContent = ""; }, 2000);
  });

  let field = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input[list=paths]")) field = event.target;
  });
  document.addEventListener("click", (event) => {
    const leaf = event.target.closest("button[data-path]");
    if (!leaf) return;
    const fields = [...document.querySelectorAll("input[list=paths]")];
    const target = field ?? fields.find((one) => one.required && !one.value) ?? fields.find((one) => !one.value);
    if (!target) return;
    target.value = leaf.dataset.path;
    target.focus();
  });

  // 4. On a page of questions a digit chooses the answer that bears it; Enter records it, as everywhere.
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");
    if (isTyping || event.altKey || event.ctrlKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
    const answer = document.querySelectorAll("form[data-digits] input[name=value]")[Number(event.key) - 1];
    if (!answer) return;
    event.preventDefault();
    if (answer.type === "radio") answer.checked = true; else answer.checked = !answer.checked;
    answer.focus();
  });
})();
