package config

import "github.com/idwatch/idwatch/agent/strict"

// Input is one input of the agent, such as a *FileInput.
type Input interface {
	// Type is the word that the key type has.
	Type() string
	// Origin is where its records come from, "" for what the whole configuration says.
	Origin() string
}

// FileInput follows files that other programs write.
type FileInput struct {
	Path   []string `key:"path" need:"yes" doc:"File or glob pattern, or a list of them. A rotated file is read to its end, gzip or not."`
	From   string   `key:"from" default:"beginning" enum:"beginning|end" doc:"Where a file that was there before the first start is begun."`
	Source string   `key:"source" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where the records come from; the source of the whole configuration when empty."`
	Documents
}

// StdinInput reads standard input to its end.
type StdinInput struct {
	Source string `key:"source" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where the records come from; the source of the whole configuration when empty."`
	Documents
}

// Type returns "file".
func (*FileInput) Type() string { return "file" }

// Type returns "stdin".
func (*StdinInput) Type() string { return "stdin" }

// Origin returns the source that the input names.
func (f *FileInput) Origin() string { return f.Source }

// Origin returns the source that the input names.
func (s *StdinInput) Origin() string { return s.Source }

// Documents is what the inputs have in common that can read documents which are ECS already.
type Documents struct {
	Deliver     bool     `key:"deliver" default:"false" doc:"Deliver documents that are ECS already, too; without it they are context only. Needs source: ecs and data_streams."`
	DataStreams []string `key:"data_streams" doc:"Data streams that such documents may go to, by their own data_stream fields, as in logs-github.audit-default. What names another one becomes a dead letter."`
}

// delivering are the inputs that can deliver documents which are ECS already.
type delivering interface {
	delivery() (deliver bool, streams []string)
}

func (d *Documents) delivery() (deliver bool, streams []string) { return d.Deliver, d.DataStreams }

// Delivery reports whether an input delivers documents that are ECS already, and the data streams that they may go to.
func Delivery(in Input) (deliver bool, streams []string) {
	if d, can := in.(delivering); can {
		return d.delivery()
	}
	return false, nil
}

// SourceOf returns where the records of an input come from.
func (c *Config) SourceOf(in Input) string {
	if s := in.Origin(); s != "" {
		return s
	}
	return c.Source
}

// inputTypes are all the inputs there are, in the order of the documentation.
var inputTypes = []inputType{
	{"file", func() Input { return new(FileInput) }},
	{"stdin", func() Input { return new(StdinInput) }},
	{"http", func() Input { return new(HTTPInput) }},
	{"forward", func() Input { return new(ForwardInput) }},
	{"tcp", func() Input { return new(TCPInput) }},
	{"unix", func() Input { return new(UnixInput) }},
	{"okta", func() Input { return new(OktaInput) }},
	{"s3", func() Input { return new(S3Input) }},
	{"kafka", func() Input { return new(KafkaInput) }},
}

type inputType struct {
	name string
	make func() Input
}

// findInput returns the constructor of an input type, or what is wrong with the name.
func findInput(name string) (create func() Input, problem string) {
	for _, t := range inputTypes {
		if t.name == name {
			return t.make, ""
		}
	}
	return nil, "unknown type" + strict.OneOf(name, inputNames())
}

// inputNames are the names of the input types.
func inputNames() []string {
	var names []string
	for _, t := range inputTypes {
		names = append(names, t.name)
	}
	return names
}
