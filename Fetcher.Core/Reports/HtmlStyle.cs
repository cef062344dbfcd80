namespace Fetcher.Core.Reports;

/// <summary>How the pages look, that of a run and that of a comparison.</summary>
internal static class HtmlStyle
{
    /// <summary>Colours, by light and dark.</summary>
    public const string Colors = """
        :root {
          --paper: #fdfdfc; --card: #ffffff; --ink: #16191d; --soft: #5b6470; --line: #e3e6ea; --track: #f0f2f4; --bad: #b0006d;
          --red: #d55e00; --blue: #0072b2; --green: #009e73; --violet: #a64d8c; --amber: #c98500; --teal: #4a9fd4; --pink: #8a8600;
          --indigo: #2b2f36; --brown: #7d838c;
          --work: #9aa5b1; --decode: #6b7f2a; --burst: #a5651d; --callback: #5f4b8b; --gc: #d9539a; --unscheduled: #3f5f5f;
          --queue: #c8cdd4; --robots: #7d8aa0; --earlier: #b59f86; --dns: #41a79a; --connect: #e3a02f; --tls: #9a6ad0; --wait: #a9cbe8; --receive: #2e6fb5;
          --hatch: #c8442f; --hatch-ground: #fbe3dd; --stall: #40342e; --stall-ground: #e9ded6;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #101317; --card: #171b20; --ink: #e9ecef; --soft: #98a2ad; --line: #2a3038; --track: #20262d; --bad: #ff6ec0;
            --red: #ff7f2a; --blue: #4fb0e8; --green: #2fcfa0; --violet: #e090c8; --amber: #f0b030; --teal: #9fd4f7; --pink: #e0da50;
            --indigo: #e4e7ec; --brown: #9aa2ad;
            --work: #66717d; --decode: #a5bf4a; --burst: #d9974a; --callback: #a48fd6; --gc: #f08abf; --unscheduled: #8fb3b3;
            --queue: #4c545e; --robots: #7f8ca3; --earlier: #85735f; --dns: #3fa396; --connect: #d9982c; --tls: #9c70d6; --wait: #46698a; --receive: #5b9fe6;
            --hatch: #f0755e; --hatch-ground: #4a2620; --stall: #f2e6dc; --stall-ground: #57493f;
          }
        }

        """;

    /// <summary>How what is drawn looks, in a page and in a picture of its own.</summary>
    public const string Marks = """
        .mode-blocking-read { --mode: var(--red); } .mode-async { --mode: var(--blue); } .mode-sequential { --mode: var(--brown); }
        .mode-threads { --mode: var(--green); } .mode-busy-wait { --mode: var(--violet); } .mode-select { --mode: var(--amber); }
        .mode-poll { --mode: var(--teal); } .mode-io-uring { --mode: var(--indigo); } .mode-httpclient { --mode: var(--pink); }
        .track { fill: var(--track); }
        .solid { fill: var(--mode, var(--soft)); background: var(--mode, var(--soft)); }
        .pale {
          fill: color-mix(in srgb, var(--mode, var(--soft)) 45%, var(--card));
          background: color-mix(in srgb, var(--mode, var(--soft)) 45%, var(--card));
        }
        .whisker { stroke: var(--ink); stroke-width: 1.5; }
        .round { fill: var(--card); stroke: var(--ink); stroke-width: 1.25; }
        .grid { stroke: var(--line); stroke-width: 1; }
        .tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
        .p-queue { fill: var(--queue); background: var(--queue); } .p-earlier { fill: var(--earlier); background: var(--earlier); }
        .p-dns { fill: var(--dns); background: var(--dns); } .p-connect { fill: var(--connect); background: var(--connect); }
        .p-tls { fill: var(--tls); background: var(--tls); } .p-wait { fill: var(--wait); background: var(--wait); }
        .p-receive { fill: var(--receive); background: var(--receive); } .p-robots { fill: var(--robots); background: var(--robots); }
        .p-stall { background: repeating-linear-gradient(45deg, var(--stall) 0 2.6px, var(--stall-ground) 2.6px 6px); }
        .hatch { fill: var(--hatch); } .hatch-ground { fill: var(--hatch-ground); }
        .k-hatch { background: repeating-linear-gradient(45deg, var(--hatch) 0 2.6px, var(--hatch-ground) 2.6px 6px); }
        .stall { fill: var(--stall); } .stall-ground { fill: var(--stall-ground); }
        .k-stall { background: repeating-linear-gradient(45deg, var(--stall) 0 2.6px, var(--stall-ground) 2.6px 6px); }
        .k-work { fill: var(--work); background: var(--work); } .k-tls { fill: var(--tls); background: var(--tls); }
        .k-decode { fill: var(--decode); background: var(--decode); } .k-cpu-burst { fill: var(--burst); background: var(--burst); }
        .k-callback { fill: var(--callback); background: var(--callback); }
        .k-gc-pause { fill: var(--gc); background: var(--gc); }
        .k-unread-body { fill: var(--receive); background: var(--receive); }
        .k-not-scheduled { fill: var(--unscheduled); background: var(--unscheduled); }
        .moved .behind, .moved .blocker { display: none; }
        .behind { stroke: var(--stall); stroke-width: 1; stroke-opacity: .55; }
        .blocker { fill: var(--stall); }
        .failed { fill: var(--bad); }
        .end { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 3 3; }
        .curve { stroke: var(--mode); stroke-width: 2.5; stroke-dasharray: var(--dash, none); }
        .curve-name { fill: var(--mode); font-size: 12px; }
        .mode-select { --dash: 9 4; } .mode-poll { --dash: 2 3; } .mode-io-uring { --dash: 12 3 2 3; } .mode-busy-wait { --dash: 5 3; }
        .mode-threads { --dash: 1 2; } .mode-sequential { --dash: 14 5; } .mode-httpclient { --dash: 7 3 2 3 2 3; } .mode-blocking-read { --dash: 16 4; }
        .spread { stroke: var(--mode); stroke-width: 6; stroke-opacity: .28; stroke-linecap: round; }
        .point { fill: var(--mode); stroke: var(--card); stroke-width: 1.5; }

        """;

    /// <summary>The style sheet of a page.</summary>
    public const string Css = Colors + Marks + Page;

    private const string Page = """
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
        }
        main { max-width: 1160px; margin: 0 auto; padding: clamp(20px, 5vw, 56px) clamp(16px, 4vw, 40px) 40px; }
        header { margin-bottom: 36px; }
        .kicker { margin: 0 0 10px; color: var(--soft); font-weight: 600; letter-spacing: .04em; }
        h1 {
          margin: 0 0 12px; max-width: 26em; font-size: clamp(24px, 3.6vw, 40px); line-height: 1.18; letter-spacing: -.015em;
          text-wrap: balance;
        }
        .lead { margin: 0 0 10px; max-width: 44em; font-size: clamp(17px, 1.8vw, 21px); line-height: 1.4; }
        .facts, footer, small, .legend, figcaption, .ratio { color: var(--soft); }
        .facts { margin: 14px 0 0; }
        .problems {
          margin: 18px 0 0; padding: 10px 16px 10px 32px; border-left: 4px solid var(--bad); background: var(--track);
          border-radius: 0 6px 6px 0; overflow-wrap: anywhere;
        }
        .whole { white-space: nowrap; }
        summary { margin-bottom: 12px; font-weight: 600; cursor: pointer; }
        section { margin: 0 0 44px; }
        h2 { margin: 0 0 14px; font-size: 20px; line-height: 1.3; }
        h2 small { font-weight: 400; font-size: 16px; }
        h3 { margin: 0 0 10px; font-size: 16px; }
        h3 small { margin-left: 6px; font-weight: 400; font-size: 13px; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: 20px; }
        .card { min-width: 0; padding: 18px 20px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 12px; font-size: 14px; }
        .card h2 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 16px; }
        h2 .legend { margin: 0; font-weight: 400; gap: 4px 8px; }
        h2 .ratio { font-weight: 400; }
        i { display: inline-block; width: 12px; height: 12px; margin-right: 6px; border-radius: 2px; vertical-align: -1px; }
        h2 .legend i { margin: 5px -2px 0 0; }
        .value { font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums; }
        .bar { margin-top: 10px; }
        .bar .name { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; }
        .bar b { min-width: var(--names); }
        .ratio { margin-left: auto; font-size: 14px; font-variant-numeric: tabular-nums; }
        svg { display: block; width: 100%; overflow: visible; }
        .falls { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: 24px 32px; }
        figure { min-width: 0; margin: 0; }
        figcaption { margin-bottom: 8px; padding-left: 10px; border-left: 4px solid var(--mode); font-size: 15px; }
        figcaption b { color: var(--ink); font-size: 17px; }
        .lanes p { margin: 10px 0 3px; font-size: 14px; color: var(--soft); overflow-wrap: anywhere; } .lanes b { margin-right: 6px; color: var(--ink); }
        .named { display: grid; grid-template-columns: fit-content(240px) minmax(0, 1fr); gap: 14px; }
        .rows span {
          display: block; overflow: hidden; color: var(--soft); font-size: 11px; white-space: nowrap; text-overflow: ellipsis;
        }
        .shares { display: flex; height: 28px; margin: 0 0 12px; border-radius: 4px; overflow: hidden; }
        .shares span { min-width: 1px; }
        td.text { text-align: left; white-space: normal; overflow-wrap: anywhere; }
        .chart { display: flex; padding-top: 8px; }
        .ys { position: relative; flex: 0 0 58px; height: 240px; }
        .ys span {
          position: absolute; right: 10px; transform: translateY(50%); color: var(--soft); font-size: 12px; white-space: nowrap;
          font-variant-numeric: tabular-nums;
        }
        .plot { flex: 1; min-width: 0; margin-right: 92px; } svg.key { display: inline-block; width: 34px; margin-right: 6px; vertical-align: 2px; }
        .which:has(#see-sequential:not(:checked)) figure.mode-sequential { display: none; }
        .which:has(#see-threads:not(:checked)) figure.mode-threads { display: none; }
        .which:has(#see-busy-wait:not(:checked)) figure.mode-busy-wait { display: none; }
        .which:has(#see-select:not(:checked)) figure.mode-select { display: none; }
        .which:has(#see-poll:not(:checked)) figure.mode-poll { display: none; }
        .which:has(#see-blocking-read:not(:checked)) figure.mode-blocking-read { display: none; }
        .which:has(#see-async:not(:checked)) figure.mode-async { display: none; }
        .which:has(#see-io-uring:not(:checked)) figure.mode-io-uring { display: none; }
        .which:has(#see-httpclient:not(:checked)) figure.mode-httpclient { display: none; }
        table.figures { table-layout: fixed; } .figures th:first-child { width: 130px; }
        .axis { margin: 2px 0 0; color: var(--soft); font-size: 12px; text-align: center; }
        .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; margin-bottom: 12px; font-size: 14px; color: var(--soft); }
        .tools select, .tools input, .tools button {
          min-height: 32px; padding: 2px 10px; font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 6px;
        }
        .tools input[type="checkbox"] { min-height: 0; margin: 0 4px 0 0; vertical-align: -1px; }
        .ends span:first-child { transform: none; } .ends span:last-child { transform: translateX(-100%); }
        .zoomed { min-width: 0; overflow-x: auto; overflow-y: hidden; padding-bottom: 4px; touch-action: pan-x pan-y; }
        .rows { display: flex; flex-direction: column; } .rows b { color: var(--ink); font-weight: 600; }
        :focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
        .xs { position: relative; height: 24px; }
        .xs span {
          position: absolute; top: 6px; transform: translateX(-50%); color: var(--soft); font-size: 12px; white-space: nowrap;
          font-variant-numeric: tabular-nums;
        }
        .scroll { overflow-x: auto; margin-bottom: 24px; }
        table { border-collapse: collapse; min-width: min(100%, 700px); font-size: 15px; font-variant-numeric: tabular-nums; }
        th, td {
          padding: 7px 18px 7px 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; white-space: nowrap;
        }
        th:first-child { text-align: left; font-weight: 400; color: var(--soft); position: sticky; left: 0; background: var(--paper); }
        td small { display: block; font-size: 12px; }
        .range, .more { color: var(--soft); font-weight: 400; font-size: 14px; }
        @media (max-width: 759px) {
          .range, .rows { display: none; } .named { grid-template-columns: minmax(0, 1fr); }
          .figures { font-size: 13px; width: 100%; } .figures th, .figures td { padding-right: 8px; white-space: normal; overflow-wrap: anywhere; }
          .figures th:first-child { width: 92px; }
        }
        code { font: 14px ui-monospace, "Cascadia Mono", Menlo, monospace; color: var(--ink); }
        pre { margin: 0 0 14px; padding: 12px 16px; overflow-x: auto; background: var(--track); border-radius: 8px; }
        pre small { display: block; margin-bottom: 6px; }
        .finding { padding-left: 14px; border-left: 4px solid var(--green); } .finding.not { border-color: var(--amber); }
        a { color: var(--blue); } .cards { margin-bottom: 20px; } .falls { margin-bottom: 20px; } pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
        footer { font-size: 14px; max-width: 60em; overflow-wrap: anywhere; }

        """;
}
