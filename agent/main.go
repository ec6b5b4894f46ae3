// Command idwatch is the agent and its tools: it turns audit records of identities into ECS documents.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/strict"
)

// What the process ends with.
const (
	done    = 0 // did what it was asked
	wrong   = 1 // found something wrong
	misused = 2 // was asked in a way that cannot be done: arguments, configuration
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteC()
	if err == nil {
		return done
	}
	return report(stderr, cmd, err)
}

// report says what is wrong and returns the exit status it means.
func report(stderr io.Writer, cmd *cobra.Command, err error) int {
	var failed failure
	if !errors.As(err, &failed) {
		failed = failure{err, misused} // the command line was refused before a command began
	}
	if all := inFile(err); all != nil {
		fmt.Fprintln(stderr, all) // each line begins with file and line, as editors like it
		return failed.status
	}
	fmt.Fprintf(stderr, "idwatch: %v\n", failed.error)
	if failed.status == misused {
		fmt.Fprintf(stderr, "See '%s --help'.\n", cmd.CommandPath())
	}
	return failed.status
}

// inFile returns what is wrong with a file that a person wrote, nil when it is something else.
func inFile(err error) error {
	var wrong strict.Errors
	if errors.As(err, &wrong) {
		return wrong
	}
	return nil
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "idwatch COMMAND",
		Short:         "Turns audit records of Okta, Entra, CloudTrail and Vault into ECS documents",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          needsCommand,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		runCommand(),
		parseCommand(),
		setupCommand(),
		replayCommand(),
		testCommand(),
		detectionsCommand(),
		rulesCommand(),
		linksCommand(),
		identityCommand(),
		explainCommand(),
		statusCommand(),
		consoleCommand(),
		deadletterCommand(),
		windowCommand(),
		reloadCommand(),
		versionCommand(),
		manualCommand(),
	)
	return root
}

// needsCommand shows what there is to somebody who named no command.
func needsCommand(cmd *cobra.Command, _ []string) error {
	fmt.Fprint(cmd.ErrOrStderr(), cmd.UsageString())
	return failure{errors.New("name a command"), misused}
}

// failure is an error with the exit status it means.
type failure struct {
	error
	status int
}

func (f failure) Unwrap() error { return f.error }

// begun marks every error of a command that has begun as something found wrong, unless it says what it is.
func begun(do func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := do(cmd, args)
		var failed failure
		if err == nil || errors.As(err, &failed) {
			return err
		}
		return failure{err, wrong}
	}
}
