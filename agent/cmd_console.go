package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/console"
	"github.com/idwatch/idwatch/agent/service"
)

func consoleCommand() *cobra.Command {
	var o dirOptions
	cmd := &cobra.Command{
		Use:   "console [flags]",
		Short: "Print the address that opens the console",
		Long: `Print the address at which the running agent shows its console, with the token that logs in. Whoever sees the address can
log in with it; the token stands in console.token of the data directory, and a new one ends all logins.`,
		Args: cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			address, err := consoleAddress(cmd, &o)
			if err == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), address)
			}
			return err
		}),
	}
	o.addFlags(cmd)
	return cmd
}

func consoleAddress(cmd *cobra.Command, o *dirOptions) (string, error) {
	c, err := o.read()
	if err != nil {
		return "", err
	}
	s, err := askStatus(cmd.Context(), c.DataDir)
	if err != nil {
		return "", err
	}
	if !s.Running || s.Console == "" {
		return "", errors.New("no console is served from this data directory: the agent does not run, or console.listen is off")
	}
	page := url.URL{Scheme: "http", Host: s.Console, Path: "/"}
	if c.Console.CertFile != "" {
		page.Scheme = "https"
		_, port, _ := net.SplitHostPort(s.Console)
		if len(c.Console.Hosts) > 0 {
			page.Host = net.JoinHostPort(c.Console.Hosts[0], port) // the name that the certificate has
		}
	}
	token, err := console.ReadToken(service.ConsoleToken(c))
	switch {
	case c.Console.TokenFile != "": // the browser asks for that one
	case errors.Is(err, fs.ErrNotExist):
		return "", errors.New("the console has no token: the running agent asks for one of its own configuration")
	case err != nil:
		return "", err
	default:
		page.Path = "/login"
		page.RawQuery = url.Values{"token": {token}}.Encode()
	}
	return page.String(), nil
}
