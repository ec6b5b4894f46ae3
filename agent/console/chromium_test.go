package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/idwatch/idwatch/agent/fetchtest"
)

// browser is a Chromium with one tab.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	errors []string // what the page complained of since it was asked last
}

// openBrowser starts Chromium, or skips the test where there is none.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("takes a browser")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is missing: on Debian, apt-get install chromium")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("font-render-hinting", "none"), chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(time.Minute),
	}
	started, stop := chromedp.NewExecAllocator(context.Background(), options...) // the test's own context ends before it is closed
	b := &browser{t: t}
	ctx, closeTab := chromedp.NewContext(started, chromedp.WithListener(b.listen))
	b.ctx = ctx
	t.Cleanup(func() { closeTab(); stop() })
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return b
}

// within has failures end a subtest, until the function that it returns is called.
func (b *browser) within(t *testing.T) func() {
	was := b.t
	b.t = t
	return func() { b.t = was }
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, fmt.Sprintf("exception: %s", e.ExceptionDetails.Text))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.errors = append(b.errors, fmt.Sprintf("console.%s", e.Type))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.errors = append(b.errors, "a dialog opened: "+e.Message)
	}
}

// complaints are the page's errors since it was asked last.
func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	errors := b.errors
	b.errors = nil
	return errors
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// call asks Chromium for something.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	answer, err := chromedp.Call(ctx, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// open shows a page, in a window of that width.
func (b *browser) open(url string, width int64) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(width, 900), chromedp.Navigate(url), chromedp.WaitReady("main"))
	b.loaded()
}

// loaded returns when the page has run its scripts.
func (b *browser) loaded() {
	b.t.Helper()
	b.text(`new Promise((done) => document.readyState === "complete" ? done("") : addEventListener("load", () => done("")))`)
}

// dark makes pages dark or light.
func (b *browser) dark(on bool) {
	b.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// text is what a script evaluates to, awaited where it is a promise.
func (b *browser) text(script string) string {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// picture writes a screenshot of the page, down to a height.
func (b *browser) picture(path string, height float64) {
	b.t.Helper()
	size := call(b, page.GetLayoutMetrics, cdp.Empty{}).CSSContentSize
	beyond := true
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Clip: &page.Viewport{Width: size.Width, Height: min(size.Height, height), Scale: 1}, CaptureBeyondViewport: &beyond,
	})
	small, err := withFewColours(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, small, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// withFewColours makes a picture small: the 256 commonest colours stand for all.
func withFewColours(data []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	count := map[color.Color]int{}
	bounds := full.Bounds()
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			count[full.At(x, y)]++
		}
	}
	common := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] })
	palette := color.Palette(common[:min(len(common), 256)])
	few, nearest := image.NewPaletted(bounds, palette), map[color.Color]uint8{}
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			c := full.At(x, y)
			at, known := nearest[c]
			if !known {
				at = uint8(palette.Index(c))
				nearest[c] = at
			}
			few.SetColorIndex(x, y, at)
		}
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	err = encoder.Encode(&out, few)
	return out.Bytes(), err
}

const axeVersion = "4.10.3"

// axe returns the text of axe-core, which npm fetches the first time.
func axe(t *testing.T) string {
	t.Helper()
	script, err := fetchtest.Once("axe-core-"+axeVersion, "node_modules/axe-core/axe.min.js", func(dir string) error {
		fetch := exec.Command("npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir, "axe-core@"+axeVersion)
		out, err := fetch.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %.300s", err, out)
		}
		return err
	})
	if err != nil {
		t.Skipf("axe-core is missing, and npm (on Debian, apt-get install npm) cannot fetch it: %v", err)
	}
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// finding is what axe-core says of a page.
type finding struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// judge runs axe-core over the page that is shown and returns what is serious.
func (b *browser) judge(script string) (serious []string) {
	b.t.Helper()
	if script == "" {
		return nil
	}
	b.text(script + `;""`)
	raw := b.text(`axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`)
	var all []finding
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range all {
		if f.Impact != "serious" && f.Impact != "critical" {
			continue
		}
		first := f.Nodes[0]
		serious = append(serious, fmt.Sprintf("%s (%s): %s; %d places, first %.200s: %s", f.ID, f.Impact, f.Help, len(f.Nodes), first.HTML, strings.ReplaceAll(first.Summary, "\n", " ")))
	}
	return serious
}
