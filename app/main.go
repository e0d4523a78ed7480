// Command hotmem listens to a conversation and grows a graph of the facts in it, on this machine alone.
//
// The package is the wiring: main.go and the cmd_ files read the command line; app.go opens and closes the parts;
// pipeline.go holds the only goroutines between a sound and the graph, and draws who sends what to whom; control.go starts
// and pauses the listening; instance.go keeps a second program out of the same data. Everything else is in the packages
// that it wires: audio, asr, extract, graphstore, ui.
//
// # What run and hear print
//
// One JSON object a line, each with one key:
//
//	{"panel": URL}      headless without --exit, first of all: an address of the panel, good for one browser
//	{"line": {…}}       a final line, as soon as it is stored: id, session, start and end in seconds, text
//	{"fact": {…}}       a fact that the line told: line, id, subject, relation, object, confidence, state, sentence, …
//	{"clock": {…}}      last: pace, and for text_to_graph and sound_to_graph n, p50_ms, p95_ms, max_ms
//
// # Exit codes
//
//	0    done
//	1    it failed; the message names the thing and the next step
//	2    the command line was wrong
//	3    another HotMem is using the data
//	4    a model is missing or damaged
//	5    the stored data is damaged
//	130  interrupted twice: what was stored stays, what was being heard is lost
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"hotmem/assets"
	"hotmem/graphstore"
)

// version is set by the linker (see build.sh).
var version = "development"

// commandLine is the grammar; its help texts are the reference.
type commandLine struct {
	Data    string           `help:"Folder of the stored lines and facts. Default: the system's place for application data." placeholder:"DIR" type:"path"`
	Models  string           `help:"Folder of the models. Default: where the program finds them." placeholder:"DIR" type:"path"`
	Log     string           `help:"Print events to standard error: debug, info, warn or error. Never what was said." enum:"debug,info,warn,error" default:"warn"`
	Version kong.VersionFlag `help:"Print the version."`

	Run        runCommand        `cmd:"" help:"Listen and show the graph: the app itself."`
	Transcribe transcribeCommand `cmd:"" help:"Print what is said in recordings."`
	Hear       hearCommand       `cmd:"" help:"Learn from text on standard input, as if it had been said."`
	Extract    extractCommand    `cmd:"" help:"Print the facts of one utterance, or of many; nothing is stored."`
	Facts      factsCommand      `cmd:"" help:"List what is known."`
	Export     exportCommand     `cmd:"" help:"Write everything that is stored as JSON."`
	Check      checkCommand      `cmd:"" help:"Look whether the stored data is whole."`
	Eval       evalCommand       `cmd:"" help:"Score the extractor on annotated utterances."`
	Doctor     doctorCommand     `cmd:"" help:"Say what is present, what is missing, and what to do about it."`
}

const description = `HotMem listens to a conversation and grows a graph of the facts in it, on this machine alone.

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 data in use by another HotMem, 4 model missing or damaged,
5 stored data damaged, 130 interrupted twice.`

// console is what a command talks to.
type console struct {
	ctx      context.Context // ends at the second interrupt: abort
	listen   context.Context // ends at the first: finish what was heard
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger
	data     string
	models   string
}

// say tells a person something that is not the command's result.
func (c *console) say(format string, args ...any) { fmt.Fprintf(c.err, format+"\n", args...) }

func main() {
	waitPatiently()
	os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Main runs one command line and returns the exit code.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	var cli commandLine
	exited := -1
	parser, err := kong.New(&cli, kong.Name("hotmem"), kong.Description(description), kong.Writers(out, errOut),
		kong.Exit(func(code int) { exited = code }), kong.Vars{"version": "hotmem " + version},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}))
	if err != nil {
		panic("hotmem: internal error: " + err.Error()) // the grammar above is wrong
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // help or version was printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(errOut, "hotmem: %v; see hotmem --help\n", err)
		return 2
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(cli.Log)); err != nil {
		panic("hotmem: internal error: " + err.Error()) // the enum above is wrong
	}
	c := &console{ctx: context.Background(), listen: context.Background(), in: in, out: out, err: errOut, data: cli.Data, models: cli.Models,
		log: slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: level}))}
	if err := parsed.Run(c); err != nil {
		fmt.Fprintf(errOut, "hotmem: %v\n", err)
		return exitCode(c.ctx, err)
	}
	return 0
}

// interrupts ties the two contexts to signals: the first drains, the second aborts. Commands that hear nothing leave
// signals alone, and end at the first.
func (c *console) interrupts() (stop func()) {
	ctx, abort := context.WithCancelCause(context.Background())
	listen, drain := context.WithCancel(ctx)
	c.ctx, c.listen = ctx, listen
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-signals:
			case <-ctx.Done():
				return
			}
			if n > 0 {
				abort(errInterrupted)
				return
			}
			c.say("finishing what was heard; interrupt again to stop at once")
			drain()
		}
	}()
	return func() { signal.Stop(signals); abort(nil); <-done }
}

func exitCode(ctx context.Context, err error) int {
	switch {
	case errors.Is(context.Cause(ctx), errInterrupted):
		return 130
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, graphstore.ErrInUse), errors.Is(err, errInUse):
		return 3
	case errors.Is(err, assets.ErrModelMissing), errors.Is(err, errModel):
		return 4
	case errors.Is(err, graphstore.ErrDamaged):
		return 5
	}
	return 1
}

// What exitCode and callers branch on.
var (
	errUsage       = errors.New("wrong command line")
	errModel       = errors.New("model cannot be used")
	errInterrupted = errors.New("interrupted twice")
)
