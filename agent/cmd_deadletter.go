package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/service"
)

func deadletterCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deadletter COMMAND",
		Short: "Show what could not be read or was refused, and try it again",
		Long: `Show what could not be read or was refused by the output, with all its bytes, and try it again. The running process is asked or,
when none runs, the data directory is read; what is to be tried again is then noted for the next start.`,
		Args: cobra.NoArgs,
		RunE: needsCommand,
	}
	cmd.AddCommand(deadletterListCommand(), deadletterShowCommand(),
		deadletterDoCommand("retry", "Read or send dead letters again",
			`Read or send dead letters again, as after a change of the configuration or of a mapping. Those that succeed are dead letters no
more; those that still cannot be read, or are refused again, stay and are listed.`, "retried", (*service.Letters).Retry),
		deadletterDoCommand("remove", "Give dead letters up for good", "Give dead letters up for good, with all their bytes.", "removed", (*service.Letters).Remove))
	return cmd
}

func deadletterListCommand() *cobra.Command {
	var o dirOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [flags]",
		Short: "List dead letters, oldest first",
		Args:  cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				return o.eachLetter(cmd.Context(), func(l service.Letter) error { return e.Encode(l) })
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tTIME\tSOURCE\tBYTES\tREASON\tBEGINS")
			err := o.eachLetter(cmd.Context(), func(l service.Letter) error {
				begins := l.Raw[:min(len(l.Raw), 40)]
				_, err := fmt.Fprintf(w, "%.12s\t%s\t%s\t%d\t%s\t%s\n", cell(l.ID), day(l.Time), cell(l.Source), l.Bytes, cell(l.Reason), cell(string(begins)))
				return err
			})
			return errors.Join(err, w.Flush())
		}),
	}
	o.addFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON, one object a line; raw is base64 of the first bytes")
	return cmd
}

// cell is text of anybody's making in a table.
func cell(text string) string {
	b := []byte(printable(text))
	for i := range b {
		if b[i] == '\t' {
			b[i] = ' '
		}
	}
	return string(b)
}

// eachLetter shows all letters of the running process, or of the directory.
func (o *dirOptions) eachLetter(ctx context.Context, show func(service.Letter) error) error {
	c, err := o.read()
	if err != nil {
		return err
	}
	answer, err := control.Dial(c.DataDir).Stream(ctx, "GET", "/v1/deadletters", nil)
	if errors.Is(err, control.ErrNotRunning) {
		letters, closeLetters, err := service.OpenLetters(c)
		if err != nil {
			return err
		}
		defer closeLetters()
		return letters.Each(rawBegin, show)
	}
	if err != nil {
		return err
	}
	defer answer.Close()
	for d := json.NewDecoder(answer); ; {
		var l service.Letter
		switch err := d.Decode(&l); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read answer: %w", err)
		}
		if err := show(l); err != nil {
			return err
		}
	}
}

// rawBegin is how many raw bytes a list shows of each letter.
const rawBegin = 120

func deadletterShowCommand() *cobra.Command {
	var o dirOptions
	var raw, asJSON bool
	cmd := &cobra.Command{
		Use:   "show [--raw | --json] ID",
		Short: "Show a dead letter",
		Long: `Show a dead letter: when it came, what is wrong with it, and its bytes, of which those that could command a terminal are replaced.
With --raw its exact bytes go to standard output and nothing else. ID may be a beginning that no other has.`,
		Args: cobra.ExactArgs(1),
		RunE: begun(func(cmd *cobra.Command, args []string) error {
			l, err := o.letter(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			switch {
			case raw:
				_, err = cmd.OutOrStdout().Write(l.Raw)
			case asJSON:
				err = writeIndented(cmd.OutOrStdout(), l)
			default:
				text := fmt.Sprintf("id      %s\ntime    %s\nsource  %s\nreason  %s\nbytes   %d\n\n%s\n", l.ID, day(l.Time), l.Source, l.Reason, l.Bytes, l.Raw)
				_, err = cmd.OutOrStdout().Write(printableLines([]byte(text)))
			}
			return err
		}),
	}
	o.addFlags(cmd)
	cmd.Flags().BoolVar(&raw, "raw", false, "the exact bytes and nothing else")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object; raw is base64 of all bytes")
	cmd.MarkFlagsMutuallyExclusive("raw", "json")
	return cmd
}

func (o *dirOptions) letter(ctx context.Context, id string) (l service.Letter, err error) {
	c, err := o.read()
	if err != nil {
		return l, err
	}
	err = control.Dial(c.DataDir).Call(ctx, "GET", "/v1/deadletter?id="+url.QueryEscape(id), nil, &l)
	if !errors.Is(err, control.ErrNotRunning) {
		return l, err
	}
	letters, closeLetters, err := service.OpenLetters(c)
	if err != nil {
		return l, err
	}
	defer closeLetters()
	return letters.One(id)
}

// deadletterDoCommand is a command that does something with dead letters.
func deadletterDoCommand(name, short, long, past string, do func(*service.Letters, service.LettersAsk, audit.Who) (service.LettersDone, error)) *cobra.Command {
	var o dirOptions
	var ask service.LettersAsk
	var asJSON bool
	cmd := &cobra.Command{
		Use:   name + " [flags] ID...",
		Short: short,
		Long:  long + " An ID may be a beginning that no other has.",
		Args: func(_ *cobra.Command, args []string) error {
			if ask.All == (len(args) > 0) {
				return errors.New("name dead letters, or --all of them")
			}
			return nil
		},
		RunE: begun(func(cmd *cobra.Command, args []string) error {
			ask.IDs = args
			c, err := o.read()
			if err != nil {
				return err
			}
			var result service.LettersDone
			err = control.Dial(c.DataDir).Call(cmd.Context(), "POST", "/v1/deadletters/"+name, ask, &result)
			noted := ""
			if errors.Is(err, control.ErrNotRunning) {
				letters, closeLetters, opening := service.OpenLetters(c)
				if opening != nil {
					return opening
				}
				result, err = do(letters, ask, audit.User(os.Getuid()))
				closeLetters()
				if name == "retry" {
					noted = ", at the next start: no process runs"
				}
			}
			if err != nil {
				return err
			}
			return tellDone(cmd, result, past+noted, asJSON)
		}),
	}
	o.addFlags(cmd)
	cmd.Flags().BoolVar(&ask.All, "all", false, "all there are")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}

// tellDone says what became of dead letters; those that stay are something wrong.
func tellDone(cmd *cobra.Command, result service.LettersDone, past string, asJSON bool) error {
	if asJSON {
		if err := writeIndented(cmd.OutOrStdout(), result); err != nil {
			return err
		}
	} else {
		for _, id := range result.Done {
			fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", cell(id), past)
		}
		for _, k := range result.Kept {
			fmt.Fprintf(cmd.OutOrStdout(), "%s stays: %s\n", cell(k.ID), cell(k.Reason))
		}
	}
	if n := len(result.Kept); n > 0 {
		return fmt.Errorf("%d dead letters stay what they are", n)
	}
	return nil
}
