using System.Security.Cryptography;
using System.Text;

namespace Fetcher.Core.Reports;

/// <summary>
/// The script of a page: orders, filters and zooms waterfalls. A page works without it, and shows its controls only when it runs. The policy of the page
/// lets this script run and no other.
/// </summary>
internal static class HtmlScript
{
    /// <summary>The script, in a form that is HTML and XML alike.</summary>
    public const string Text = "/*<![CDATA[*/\n" + Code + "/*]]>*/";

    private const string Code = """
        "use strict";
        for (const fall of document.querySelectorAll("[data-waterfall]")) {
          const svg = fall.querySelector("svg"), names = [...fall.querySelectorAll(".rows [data-row]")];
          const rows = [...svg.querySelectorAll("g[data-row]")].map((g, place) => ({
            g, place, name: names[place], from: +g.dataset.from, to: +g.dataset.to,
            words: g.querySelector("title").textContent.toLowerCase() }));
          const step = +fall.dataset.step;
          const orders = {
            list: (a, b) => a.place - b.place, start: (a, b) => a.from - b.from || a.place - b.place,
            end: (a, b) => a.to - b.to || a.place - b.place, longest: (a, b) => b.to - b.from - a.to + a.from || a.place - b.place };
          const tools = document.createElement("div"), order = document.createElement("select");
          const filter = document.createElement("input"), told = document.createElement("output");
          tools.className = "tools";
          for (const [value, text] of [["list", "as listed"], ["start", "by start"], ["end", "by end"], ["longest", "longest first"]]) {
            order.add(new Option(text, value));
          }
          filter.type = "search";
          filter.placeholder = "part of a URL";
          const label = (text, control) => {
            const element = document.createElement("label");
            element.append(text, control);
            return element;
          };
          const button = (text, hint, act) => {
            const element = document.createElement("button");
            element.type = "button";
            element.textContent = text;
            element.setAttribute("aria-label", hint);
            element.title = hint;
            element.onclick = act;
            return element;
          };
          const scroller = svg.parentElement.classList.contains("zoomed") ? svg.parentElement : document.createElement("div");
          if (scroller !== svg.parentElement) {
            scroller.className = "zoomed";
            scroller.tabIndex = 0;
            scroller.setAttribute("role", "group");
            scroller.setAttribute("aria-label", "Waterfall; plus and minus zoom, 0 shows all, arrows move");
            svg.replaceWith(scroller);
            scroller.append(svg);
          }
          let zoom = 1;
          const zoomTo = (next, at = 0.5) => {
            const middle = (scroller.scrollLeft + at * scroller.clientWidth) / zoom;
            zoom = Math.min(64, Math.max(1, next));
            svg.style.width = `${100 * zoom}%`;
            scroller.scrollLeft = middle * zoom - at * scroller.clientWidth;
            fall.dataset.zoom = zoom;
          };
          const arrange = () => {
            const wanted = filter.value.trim().toLowerCase();
            const shown = rows.filter(row => row.words.includes(wanted)).sort(orders[order.value]);
            const seen = new Set(shown);
            for (const row of rows) {
              row.g.style.display = seen.has(row) ? "" : "none";
              if (row.name) row.name.style.display = seen.has(row) ? "" : "none";
            }
            shown.forEach((row, place) => {
              row.g.setAttribute("transform", `translate(0 ${(place - row.place) * step})`);
              if (row.name) row.name.style.order = place + 1;
            });
            const moved = shown.length < rows.length || shown.some((row, place) => row.place !== place);
            svg.classList.toggle("moved", moved);
            told.textContent = wanted ? `${shown.length} of ${rows.length}` : "";
            fall.dataset.order = order.value;
            fall.dataset.first = shown.length ? shown[0].g.dataset.row : "";
          };
          order.onchange = filter.oninput = arrange;
          scroller.onkeydown = event => {
            const key = { "+": 2, "=": 2, "-": 0.5 }[event.key];
            if (key && !event.ctrlKey && !event.metaKey) zoomTo(zoom * key);
            else if (event.key === "0") zoomTo(1);
            else return;
            event.preventDefault();
          };
          scroller.addEventListener("wheel", event => {
            if (!event.ctrlKey) return;
            event.preventDefault();
            zoomTo(zoom * (event.deltaY < 0 ? 1.25 : 0.8), (event.clientX - scroller.getBoundingClientRect().left) / scroller.clientWidth);
          }, { passive: false });
          let pinch = 0;
          scroller.addEventListener("touchmove", event => {
            if (event.touches.length !== 2) return;
            event.preventDefault();
            const [a, b] = event.touches, apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
            if (pinch) zoomTo(zoom * apart / pinch, ((a.clientX + b.clientX) / 2 - scroller.getBoundingClientRect().left) / scroller.clientWidth);
            pinch = apart;
          }, { passive: false });
          scroller.ontouchend = scroller.ontouchcancel = () => { pinch = 0; };
          tools.append(label("order ", order), label("only ", filter), told, button("−", "zoom out", () => zoomTo(zoom / 2)),
            button("+", "zoom in", () => zoomTo(zoom * 2)), button("all", "all of the run", () => zoomTo(1)));
          fall.prepend(tools);
          arrange();
        }

        """;

    /// <summary>What the page's policy says of it.</summary>
    public static string Source { get; } = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))}'";
}
