// New requests appear while the page is open. Without this the page reads the same; it only has to be reloaded.
(() => {
  "use strict";
  const rows = document.querySelector("#rows[data-live]");
  const live = document.getElementById("live");
  if (!rows || !live) {
    return;
  }

  const most = Number(rows.dataset.live);
  const pause = document.createElement("button");
  const news = document.createElement("span");
  let paused = false;
  pause.type = "button";
  pause.className = "quiet";
  pause.textContent = "Pause";
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Resume" : "Pause";
    news.textContent = paused ? "Paused" : "Live";
  });
  news.textContent = "Live";
  live.classList.add("on");
  live.append(news, pause);

  // Rows are put in one by one: what has the focus, or is selected, stays as it is.
  const take = (page) => {
    const fresh = [...page.querySelectorAll("#rows > tr")].filter((row) => !document.getElementById(row.id));
    let added = 0;
    for (const row of fresh.reverse()) {
      const next = document.importNode(row, true);
      next.classList.add("new");
      rows.prepend(next);
      added++;
    }
    while (rows.rows.length > most) {
      rows.rows[rows.rows.length - 1].remove();
    }
    if (added > 0) {
      document.getElementById("empty")?.remove();
      news.textContent = added === 1 ? "Live · 1 new request" : `Live · ${added} new requests`;
    }
  };

  const look = async () => {
    if (!paused && !document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
        if (answer.status === 401) {
          location.reload();
          return;
        }
        if (answer.ok) {
          take(new DOMParser().parseFromString(await answer.text(), "text/html"));
        }
      } catch {
        live.classList.remove("on");
        news.textContent = "The gateway has ended; this is what it showed last.";
        pause.remove();
        return;
      }
    }
    setTimeout(look, 1500);
  };
  setTimeout(look, 1500);
})();
