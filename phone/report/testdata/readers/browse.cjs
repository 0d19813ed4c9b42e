// Opens reports in a browser and prints what it finds there, a line of JSON for each page and
// drawing: what sticks out, each text with its place and colour, what the keyboard reaches.
// The pictures that it writes have no text: they are what the text is read on.
//
//	node browse.cjs CHROMIUM FOLDER URL...     the pictures go into FOLDER
//
// Needs playwright-core, by NODE_PATH.
const { chromium } = require('playwright-core');
const path = require('path');

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const views = [['light', 1280, true], ['dark', 1280], ['light', 500], ['dark', 500, true]]; // true: with the keyboard
const parts = 'a[href], summary, audio, figure, pre, .wide'; // what there is to reach

// openAll opens what is folded.
const openAll = () => document.querySelectorAll('details').forEach(d => { d.open = true; });

// texts are the visible texts of the document, each line of one on its own.
function texts() {
  const list = [];
  const walk = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || !e || ['TITLE', 'STYLE', 'title', 'desc'].includes(e.tagName)) continue;
    const style = getComputedStyle(e), svg = e.namespaceURI.endsWith('svg');
    if (style.clipPath !== 'none' || style.visibility === 'hidden') continue; // for the ear alone
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) {
      if (r.width < 1 || r.bottom + scrollY < 0) continue;
      list.push({ text: node.data.trim().slice(0, 60), colour: svg ? style.fill : style.color, bold: +style.fontWeight >= 600,
        size: parseFloat(style.fontSize), x: r.x + scrollX, y: r.y + scrollY, w: r.width, h: r.height });
    }
  }
  return list;
}

// wide are the elements that stick out of the page, or of what they are in, where nothing
// scrolls.
function wide() {
  const scrolls = e => { for (let p = e; p && p !== document.body; p = p.parentElement) if (/auto|scroll/.test(getComputedStyle(p).overflowX)) return true; return false; };
  const list = [];
  if (document.documentElement.scrollWidth > innerWidth) list.push(`the page: ${document.documentElement.scrollWidth} of ${innerWidth} px`);
  for (const e of document.body.querySelectorAll('*')) {
    const r = e.getBoundingClientRect();
    if (r.width > 0 && r.right > innerWidth + 0.5 && !scrolls(e) && getComputedStyle(e).clipPath === 'none') list.push(`${e.tagName} ${e.className}: ${r.right} of ${innerWidth} px`);
  }
  return list;
}

// blank hides the texts, and keeps what they are written on.
function blank() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { color: transparent !important; } text { visibility: hidden; } .skip { display: none; }');
  document.adoptedStyleSheets = [sheet];
}

// reach goes through a page with the tab key, opens with enter what is folded, and returns
// where it has been.
async function reach(page) {
  const all = await page.evaluate(parts => Array.from(document.querySelectorAll(parts), (e, i) => {
    e.nth = i;
    return `${e.tagName} ${e.className} ${(e.getAttribute('aria-label') || e.textContent).trim().slice(0, 40)}`;
  }), parts);
  const stops = [];
  for (let n = 0; n < 4 * all.length + 20; n++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      const style = getComputedStyle(e), r = e.getBoundingClientRect();
      return { part: e.nth, tag: e.tagName, folded: e.tagName === 'SUMMARY' && !e.parentElement.open,
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, inView: r.bottom > 0 && r.top < innerHeight };
    });
    if (!at) break;
    if (stops.length === 0 || stops[stops.length - 1].part !== at.part) stops.push(at);
    if (at.folded) await page.keyboard.press('Enter');
  }
  return { all, stops };
}

async function look(browser, url, folder, n) {
  for (const [scheme, width, typed] of views) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
    const page = await context.newPage();
    const complaints = [];
    page.on('console', m => { if (m.type() === 'error') complaints.push(m.text()); });
    page.on('requestfailed', r => complaints.push(`${r.url()}: ${r.failure().errorText}`));
    await page.goto(url);
    const keys = typed ? await reach(page) : null;
    await page.evaluate(openAll);
    await page.evaluate(() => scrollTo(0, 0));
    const found = { url, scheme, width, complaints, keys, wide: await page.evaluate(wide), texts: await page.evaluate(texts) };
    found.pictures = await page.evaluate(() => Array.from(document.images, i => ({ src: i.currentSrc, alt: i.alt, width: i.naturalWidth })));
    found.shot = path.join(folder, `page-${n}-${scheme}-${width}.png`);
    await page.evaluate(blank);
    await page.screenshot({ path: found.shot, fullPage: true });
    console.log(JSON.stringify(found));
    if (width > 500) for (const p of new Set(found.pictures.map(p => p.src))) await drawing(page, p, scheme, folder, n);
    await context.close();
  }
}

// drawing looks into an SVG file, which a page shows as an image.
async function drawing(page, url, scheme, folder, n) {
  const svg = await (await page.request.get(url)).text();
  await page.goto('about:blank');
  await page.setContent(`<!DOCTYPE html><body style="margin:0">${svg}`);
  const found = { url, scheme, drawing: true, texts: await page.evaluate(texts) };
  found.box = await page.evaluate(() => { const r = document.querySelector('svg').getBoundingClientRect(); return { w: r.width, h: r.height }; });
  found.lines = await page.evaluate(() => Array.from(document.querySelectorAll('line'), l => ({ x1: l.x1.baseVal.value, y1: l.y1.baseVal.value,
    x2: l.x2.baseVal.value, y2: l.y2.baseVal.value, stroke: l.getAttribute('stroke'), width: parseFloat(l.getAttribute('stroke-width')) })));
  found.shot = path.join(folder, `drawing-${n}-${path.basename(url)}.png`);
  await page.evaluate(blank);
  await page.screenshot({ path: found.shot, fullPage: true });
  console.log(JSON.stringify(found));
}

(async () => {
  const [executablePath, folder, ...urls] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath, args: flags });
  for (const [n, url] of urls.entries()) await look(browser, url, folder, n);
  await browser.close();
})().catch(e => { console.error(e); process.exit(1); });
