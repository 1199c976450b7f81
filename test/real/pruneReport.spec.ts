import assert from "node:assert/strict";
import { buildReport, type ReportInput } from "../../provider/prune/report/build.js";
import { renderHtml } from "../../provider/prune/report/html/page.js";
import { hostileReport, hostileTexts } from "../support/builders/hostileReport.js";
import { exampleReport } from "../support/builders/pruneReport.js";
import {
  type BrowserPage,
  type Chromium,
  type PageOptions,
  startChromium,
} from "../support/programs/chromium.js";
import { requireReal } from "../support/programs/requireReal.js";

describe("the HTML report of a prune plan, in Chromium", function () {
  this.timeout(60_000);
  let chromium: Chromium;

  before(async function () {
    requireReal(this, "HTML report in Chromium", ["chromium"]);
    chromium = await startChromium();
  });
  after(async () => {
    await (chromium as Chromium | undefined)?.close();
  });

  const example = exampleReport();
  const open = async (input: ReportInput = example, options?: PageOptions) =>
    await chromium.open(renderHtml(buildReport(input)), options);

  it("opens without an error and loads nothing else", async () => {
    const page = await open();

    assert.deepEqual(page.complaints, []);
    assert.deepEqual(page.requests, []);
  });

  it("names first the deletions, the freed bytes and the objections", async () => {
    const objections = [{ name: "limits.images", message: "the plan has 523 Images, the limit is 500." }];
    const page = await open({ ...example, objections });
    const text = await page.evaluate<string>("document.body.innerText");

    const report = buildReport(example);
    const first = [
      `${report.totals.images} images`,
      "up to",
      "limits.images",
      "widgets.example.io",
      report.fingerprint,
    ];
    const places = first.map((word) => text.indexOf(word));
    assert.ok(!places.includes(-1), `${places.join()} in ${text.slice(0, 2000)}`);
    assert.deepEqual(
      places.toSorted((a, b) => a - b),
      places,
    );
  });

  it("shows the first 200 rows without scripts", async () => {
    const rows =
      "[...document.querySelectorAll('#going tbody tr')].slice(0, 200).map((row) => row.outerHTML)";
    const still = await open(example, { scripts: false });
    const live = await open();

    const expected = await still.evaluate<readonly string[]>(rows);
    assert.equal(expected.length, 200);
    assert.deepEqual(await live.evaluate(rows), expected);
    assert.match(
      await still.evaluate("document.querySelector('#going').innerText"),
      /more rows are shown where/,
    );
    assert.equal(
      await still.evaluate("getComputedStyle(document.querySelector('.controls')).display"),
      "none",
    );
  });

  it("finds rows by several words, anywhere in them, and says how many", async () => {
    const page = await open();
    const item = buildReport(example).items[70]!;

    await page.evaluate("document.querySelector('#going input').focus()");
    await page.type(`${item.digest.slice(10, 40)} ${item.stream.toUpperCase()}`);

    assert.deepEqual(await firstColumn(page), [`${item.namespace}/${item.stream}`]);
    assert.equal(
      await status(page),
      `1 of ${example.plan.streams.flatMap(cutCount).reduce((a, b) => a + b)} rows`,
    );

    await page.type(" nowhere");
    assert.match(await page.evaluate("document.querySelector('#going tbody').innerText"), /No row matches/);
  });

  it("filters by reason", async () => {
    const page = await open();
    const reason = "dangling: its Image is gone";

    await page.evaluate(`(() => {
      const select = document.querySelector('#going select');
      select.value = ${JSON.stringify(reason)};
      select.dispatchEvent(new Event('change'));
    })()`);

    const dangling = buildReport(example).items.filter((item) => item.reason === "dangling-revision");
    assert.ok(dangling.length > 0);
    assert.equal((await firstColumn(page)).length, dangling.length);
    const shown =
      "[...new Set([...document.querySelectorAll('#going td.reason')].map((cell) => cell.textContent))]";
    assert.deepEqual(await page.evaluate(shown), [reason]);
  });

  it("sorts by the keyboard too, and announces the order", async () => {
    const page = await open();
    const order = "document.querySelector('#going th.stream').ariaSort";
    assert.equal(await page.evaluate("document.querySelector('#going th.size').ariaSort"), "descending");

    await page.evaluate("document.querySelector('#going th.stream button').focus()");
    await page.press("Enter");
    const ascending = await firstColumn(page);
    assert.equal(await page.evaluate(order), "ascending");
    await page.press("Enter");
    const descending = await firstColumn(page);
    assert.equal(await page.evaluate(order), "descending");

    const collator = new Intl.Collator("en", { numeric: true });
    assert.deepEqual(ascending, ascending.toSorted(collator.compare));
    assert.deepEqual(
      descending,
      descending.toSorted((a, b) => collator.compare(b, a)),
    );
    assert.notEqual(ascending[0], descending[0]);
    assert.equal(await page.evaluate("document.querySelectorAll('#going [aria-sort]').length"), 1);
  });

  it("sorts by numbers and instants, not by how they are written", async () => {
    const page = await open();
    await page.evaluate("document.querySelector('#going th.revision button').click()");
    const revisions = await page.evaluate<readonly string[]>(
      "[...document.querySelectorAll('#going td.revision span')].map((cell) => cell.textContent)",
    );

    const numbers = revisions.map(Number);
    assert.ok(numbers[0]! >= 10);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => b - a),
    );
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`is legible in the ${colorScheme}: every text has a contrast of at least 4.5`, async () => {
      const objections = [{ name: "limits.images", message: "too many" }];
      const page = await open({ ...example, objections }, { colorScheme });

      assert.deepEqual(await page.evaluate(faintTexts), []);
      const ground = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      const brightness = Number(/\d+/.exec(ground)?.[0]);
      assert.equal(brightness > 128, colorScheme === "light");
    });
  }

  for (const [name, input] of [
    ["the example", example],
    ["hostile names", hostileReport()],
  ] as const) {
    it(`fits a phone without scrolling sideways: ${name}`, async () => {
      const page = await open(input, { width: 390, height: 800 });

      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
      assert.equal(await page.evaluate("innerWidth"), 390);
      assert.deepEqual(page.complaints, []);
    });
  }

  it("is a table with names to a screen reader, on a phone as on a desk", async () => {
    for (const width of [1280, 390]) {
      const page = await open(example, { width });
      const names = await page.accessibleNames();
      const described = [
        "table Revisions of tags and Images that would be deleted, biggest first",
        "columnheader Why it goes",
        "searchbox Search",
        "combobox Reason",
        "region What would go",
        "heading What stays, and why",
        // On a phone each cell begins with the name of its column.
        width === 1280 ? "cell obsolete revision" : "cell Why it goes obsolete revision",
      ];
      assert.deepEqual(
        described.filter((text) => !names.includes(text)),
        [],
        `${width}`,
      );
    }
  });

  it("begins the keyboard's way with a link to the table", async () => {
    const page = await open();
    await page.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.getAttribute('href')"), "#going");
  });

  describe("with 20,000 rows", () => {
    const big = exampleReport(2400);
    const rowCount = "document.querySelectorAll('#going tbody tr').length";
    let page: BrowserPage;
    before(async () => (page = await open(big)));

    it("draws some of the rows, and more while one scrolls or asks", async () => {
      assert.ok(buildReport(big).items.length >= 20_000);
      assert.equal(await page.evaluate(rowCount), 200);

      await page.evaluate("document.querySelector('#going .more').click()");
      assert.equal(await page.evaluate(rowCount), 400);

      await page.evaluate(`new Promise((scrolled) => {
        const scroller = document.querySelector('#going .scroller');
        scroller.addEventListener('scroll', () => setTimeout(scrolled), { once: true });
        scroller.scrollTop = scroller.scrollHeight;
      })`);
      assert.equal(await page.evaluate(rowCount), 600);
    });

    it("finds the last row", async () => {
      const { digest } = buildReport(big).items.at(-1)!;
      await page.evaluate("document.querySelector('#going input').focus()");
      await page.type(digest);

      assert.equal(await page.evaluate(rowCount), 1);
      assert.match(await status(page), /^1 of 2\d,\d{3} rows$/);
      assert.equal(await page.evaluate("document.querySelector('#going td.digest').textContent"), digest);
    });

    it("prints 500 and says how many are left", async () => {
      const fresh = await open(big);
      await fresh.print();

      assert.equal(await fresh.evaluate(rowCount), 500);
      assert.match(
        await fresh.evaluate("document.querySelector('#going .print-note').textContent"),
        /\d more rows/,
      );
    });
  });

  describe("with hostile names everywhere", () => {
    it("shows names as text, and nothing else happens", async () => {
      const page = await open(hostileReport());

      assert.deepEqual(page.complaints, []);
      assert.deepEqual(page.requests, []);
      assert.equal(
        await page.evaluate("document.querySelectorAll('img, iframe, object, base, form').length"),
        0,
      );
      assert.equal(await page.evaluate("document.querySelectorAll('script').length"), 2);
      assert.equal(await page.evaluate("typeof window.injected"), "undefined");
      const text = await page.evaluate<string>("document.body.textContent");
      for (const hostile of hostileTexts.filter((one) => /^[\x20-\x7e]+$/.test(one))) {
        assert.ok(text.includes(hostile), hostile);
      }
    });

    it("turns no text around", async () => {
      const page = await open(hostileReport());
      const text = await page.evaluate<string>("document.body.textContent");

      assert.doesNotMatch(text, /[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
      assert.match(text, /⟨U\+202E⟩/);
    });

    it("would run no script but its own, and fetch nothing, even with injected markup", async () => {
      const page = await open();
      await page.evaluate(`(() => {
        const script = document.createElement('script');
        script.textContent = 'window.injected = true';
        document.body.append(script);
        const image = document.createElement('img');
        image.setAttribute('onerror', 'window.injected = true');
        image.src = 'http://127.0.0.1:9/pixel.png';
        document.body.append(image);
        return new Promise((settled) => setTimeout(settled, 200));
      })()`);

      assert.equal(await page.evaluate("typeof window.injected"), "undefined");
      assert.ok(page.complaints.some((text) => text.includes("script-src")));
      assert.ok(page.complaints.some((text) => text.includes("pixel.png")));
    });
  });

  it("says that nothing would be deleted", async () => {
    const empty = { ...example.plan, streams: [], images: { kind: "planned" as const, deletions: [] } };
    const page = await open({ ...example, plan: empty });

    assert.deepEqual(page.complaints, []);
    const text = await page.evaluate<string>("document.body.innerText");
    assert.match(text, /Nothing would go/);
    assert.match(text, /under this policy everything stays/);
  });
});

function cutCount({ tags }: ReportInput["plan"]["streams"][number]): readonly number[] {
  return tags.map(({ cuts }) => cuts.length);
}

async function firstColumn(page: BrowserPage): Promise<readonly string[]> {
  return await page.evaluate(
    "[...document.querySelectorAll('#going td.stream span')].map((cell) => cell.textContent)",
  );
}

async function status(page: BrowserPage): Promise<string> {
  return await page.evaluate("document.querySelector('#going [role=status]').textContent");
}

/** Texts whose contrast to what is behind them is below 4.5 (WCAG 2.2, 1.4.3). */
const faintTexts = String.raw`(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const channels = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const faint = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!hasText || element.closest("script") || element.getClientRects().length === 0) continue;
    const [a, b] = [channels(getComputedStyle(element).color), ground(element)].map(luminance).sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faint.add(element.tagName + "." + element.className + " " + contrast.toFixed(2));
  }
  return [...faint];
})()`;
