package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/idwatch/idwatch/agent/portrait"
)

func linksCommand() *cobra.Command {
	var o pastOptions
	cmd := &cobra.Command{
		Use:   "links [flags] FILE...",
		Short: "List the identities in past records",
		Long: `List the identities in past records, one a line, with all their names and the records that link these. Strength A is
an exact link, B an exact one by a name that could be renamed or shared, C a hint, which joins nothing.`,
		Args: needFiles,
		RunE: begun(func(cmd *cobra.Command, files []string) error { return listLinks(cmd, &o, files) }),
	}
	o.addFlags(cmd)
	return cmd
}

func listLinks(cmd *cobra.Command, o *pastOptions, files []string) error {
	past, err := o.read(cmd, files)
	if past == nil {
		return err
	}
	defer past.close()
	out := outlets{stdout: cmd.OutOrStdout()}
	to, _ := out.named("-", nil)
	for _, i := range past.replay.Everybody() {
		line, err := json.Marshal(shownIdentity{i.ID, past.replay.KindOf(&i), i.Names, portrait.Links(i.Links)})
		if err != nil {
			return err
		}
		to.line(line)
	}
	if closing := out.close(); closing != nil {
		return closing
	}
	return err
}

// shownIdentity is a line of what links prints.
type shownIdentity struct {
	ID    string          `json:"id"`
	Kind  string          `json:"kind"`
	Names []string        `json:"names"`
	Links []portrait.Link `json:"links"`
}
