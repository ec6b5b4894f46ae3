package elastic

import "maps"

// FieldTypes lists the fields that documents of a data stream may have by our templates, with their Elasticsearch types. Fields that
// only dynamic templates know are not among them.
func FieldTypes(dataset string) (map[string]string, error) {
	able := allAbilities()
	types := map[string]string{"data_stream.type": "constant_keyword", "data_stream.dataset": "constant_keyword", "data_stream.namespace": "constant_keyword"}
	for _, name := range []string{"ecs", "idwatch", dataset} { // the later counts
		s, err := readSheet(name)
		if err != nil {
			return nil, err
		}
		maps.Copy(types, s.types(able))
	}
	types["event.dataset"], types["event.module"] = "constant_keyword", "constant_keyword"
	return types, nil
}

// types lists a sheet's fields with the types that a server gets.
func (s *sheet) types(able *abilities) map[string]string {
	types := map[string]string{}
	for kind, names := range s.Fields {
		for _, name := range expandAll(names) {
			types[name], _ = able.typeOf(kind)["type"].(string)
		}
	}
	return types
}
