package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/windows"
)

func windowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "window COMMAND",
		Short: "Declare a signed window, as from CI, or list those declared",
		Long: `Declare a window in which some identities do unusual things, such as a deployment. It is signed with an Ed25519 key whose public half
the configuration trusts (windows.keys), and goes to the running process or, with --output, into a file to be dropped into windows.dir.`,
		Args: cobra.NoArgs,
		RunE: needsCommand,
	}
	cmd.AddCommand(windowOpenCommand(), windowCloseCommand(), windowListCommand())
	return cmd
}

// windowOptions are the flags of idwatch window open and close.
type windowOptions struct {
	dirOptions
	statement   windows.Statement
	key, output string
	from, until string
	during      string
}

func (o *windowOptions) addFlags(cmd *cobra.Command) {
	o.dirOptions.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.key, "key-file", "", "PEM `FILE` with the private key, as openssl genpkey -algorithm ed25519 writes it; readable by the owner alone")
	flags.StringVar(&o.output, "output", "", "write the signed window to `FILE` instead of sending it; - is standard output")
}

func windowOpenCommand() *cobra.Command {
	var o windowOptions
	cmd := &cobra.Command{
		Use:   "open --key-file FILE --identity NAME... --for DURATION [flags]",
		Short: "Open a window",
		Long: `Open a window for some identities, from now or --from on, and print its id, which closes it. A window lowers the score of what these
identities do in it, and hides nothing.`,
		Args:                  cobra.NoArgs,
		DisableFlagsInUseLine: true,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			if err := o.times(time.Now().UTC().Truncate(time.Second)); err != nil {
				return failure{err, misused}
			}
			o.statement.Action, o.statement.ID = windows.Open, windows.NewID()
			return o.run(cmd)
		}),
	}
	o.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.statement.Kind, "kind", "deployment", "deployment, maintenance, failover, rotation or elevation")
	flags.StringArrayVar(&o.statement.Identities, "identity", nil, "id or `NAME` of an identity; may be repeated")
	flags.StringArrayVar(&o.statement.Sources, "source", nil, "`SOURCE` that it is limited to: okta, entra, cloudtrail, vault, ecs; may be repeated")
	flags.StringArrayVar(&o.statement.Operations, "operation", nil, "`OPERATION` that it is limited to, such as ec2:*; may be repeated")
	flags.StringVar(&o.statement.Ticket, "ticket", "", "`ID` of the change")
	flags.StringVar(&o.from, "from", "", "`TIME` at which it begins, such as 2026-09-01T20:00:00Z; now when absent")
	flags.StringVar(&o.until, "until", "", "`TIME` at which it ends")
	flags.StringVar(&o.during, "for", "", "`DURATION` after which it ends, such as 2h, instead of --until")
	return cmd
}

func windowCloseCommand() *cobra.Command {
	var o windowOptions
	cmd := &cobra.Command{
		Use:   "close --key-file FILE [flags] ID",
		Short: "Close a window before its time",
		Args:  cobra.ExactArgs(1),
		RunE: begun(func(cmd *cobra.Command, args []string) error {
			o.statement.Action, o.statement.ID = windows.Close, args[0]
			return o.run(cmd)
		}),
	}
	o.addFlags(cmd)
	return cmd
}

// times reads when the window is.
func (o *windowOptions) times(now time.Time) (err error) {
	s := &o.statement
	if s.From = now; o.from != "" {
		if s.From, err = time.Parse(time.RFC3339, o.from); err != nil {
			return errors.New("--from: want a time with its zone, such as 2026-09-01T20:00:00Z")
		}
	}
	switch {
	case (o.until == "") == (o.during == ""):
		return errors.New("say when it ends: --for or --until")
	case o.until != "":
		if s.Until, err = time.Parse(time.RFC3339, o.until); err != nil {
			return errors.New("--until: want a time with its zone, such as 2026-09-01T22:00:00Z")
		}
	default:
		d, ok := config.ParseDuration(o.during)
		if !ok || d <= 0 {
			return errors.New("--for: want a duration such as 2h")
		}
		s.Until = s.From.Add(d)
	}
	if len(s.Identities) == 0 {
		return errors.New("name those whom it is for: --identity")
	}
	return nil
}

// run signs the statement and sends it, or writes it out.
func (o *windowOptions) run(cmd *cobra.Command) error {
	if o.key == "" {
		return failure{errors.New("name the key: --key-file FILE"), misused}
	}
	key := &secret.File[ed25519.PrivateKey]{Key: "--key-file", Path: o.key, Parse: windows.ReadPrivateKey}
	private, err := key.Get()
	if err != nil {
		return failure{err, misused}
	}
	o.statement.Issued = time.Now().UTC().Truncate(time.Second)
	signed, err := windows.Sign(&o.statement, private)
	if err != nil {
		return err
	}
	if o.output == "" {
		if err := o.deliver(cmd, signed); err != nil {
			return err
		}
	} else if err := o.write(cmd, signed); err != nil {
		return err
	}
	if o.statement.Action == windows.Open && o.output != "-" {
		_, err = fmt.Fprintln(cmd.OutOrStdout(), o.statement.ID)
	}
	return err
}

func (o *windowOptions) deliver(cmd *cobra.Command, signed []byte) error {
	c, err := o.read()
	if err != nil {
		return err
	}
	var body windows.Signed
	if err := json.Unmarshal(signed, &body); err != nil {
		return err
	}
	err = control.Dial(c.DataDir).Call(cmd.Context(), "POST", "/v1/window", body, nil)
	if errors.Is(err, control.ErrNotRunning) {
		return fmt.Errorf("%w: drop a file of --output into windows.dir, where it waits for 15 minutes", err)
	}
	return err
}

// write puts the file into its place at once: somebody may be watching the folder.
func (o *windowOptions) write(cmd *cobra.Command, signed []byte) error {
	if o.output == "-" {
		_, err := bytes.NewReader(signed).WriteTo(cmd.OutOrStdout())
		return err
	}
	half := filepath.Join(filepath.Dir(o.output), "."+filepath.Base(o.output)+".half")
	if err := os.WriteFile(half, signed, 0o600); err != nil {
		return err
	}
	return os.Rename(half, o.output)
}
