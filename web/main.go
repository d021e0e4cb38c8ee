// Command kaopass is the whole product in one program: the visitor's portal, gates, tills, kiosk and console, and the
// commands that an operator scripts.
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
)

// commands is the tree of what the program can be asked to do; each field's Run method does it.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Serve the venue. Example: kaopass serve --addr 127.0.0.1:8080"`
	Ready    readyCommand    `cmd:"" help:"Ask the running server whether it is ready."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database's schema up to date."`
	Config   configCommand   `cmd:"" help:"Print the configuration in force, without secrets."`
	Device   deviceCommands  `cmd:"" help:"Gates, tills and kiosks."`
	Ticket   ticketCommands  `cmd:"" help:"Tickets."`
	Enrol    enrolCommand    `cmd:"" help:"Enrol a person from photos and a signed paper form."`
	Recheck  recheckCommand  `cmd:"" help:"Look for look-alikes among everybody again."`
	Audit    auditCommands   `cmd:"" help:"Check that what must be true is true."`
	Settle   settleCommand   `cmd:"" help:"Close a day of trade and hold its books against each other. Example: kaopass settle --day 2026-07-01"`
	Fee      feeCommands     `cmd:"" help:"What stores pay the venue of their trade."`
	Staff    staffCommands   `cmd:"" help:"People who work for the venue."`
	Bench    benchCommands   `cmd:"" help:"Measure this machine."`
	Demo     demoCommand     `cmd:"" help:"Let virtual visitors walk the whole path on the running server. Example: kaopass demo"`
	Policy   policyCommands  `cmd:"" help:"By which numbers faces are judged."`
	Models   modelsCommands  `cmd:"" help:"Models: fetch and prepare the files that recognise faces."`
	Evaluate evaluateCommand `cmd:"" help:"Measure how often the models err, on photos of people. Example: kaopass evaluate --pairs pairs.tsv --images photos --report report"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, errSaid) {
			fmt.Fprintln(os.Stderr, "kaopass:", err)
		}
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// errSaid is the failure of a command that has already said why: what it checks does not hold.
var errSaid = errors.New("does not hold")

// run parses the arguments and does what they ask. Answers go to stdout, what a person may want to know meanwhile to
// stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(stderr, nil)))
	parser, err := kong.New(&commands{},
		kong.Name("kaopass"),
		kong.Description("Open face admission and payment for a large venue."),
		kong.UsageOnError(),
		kong.Writers(stdout, stderr),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(output{stdout: stdout, stderr: stderr}),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return command.Run()
}
