package fakeforce

// Rule refuses inserts through the API, as an org's validation rules, triggers and rights do.
type Rule struct {
	// Object that the rule is about.
	Object string
	// Refuse is given the record that is to be made, by field; an empty code lets it pass. It must not call the org.
	Refuse func(field func(name string) string) (code, message string, fields []string)
}

// AddRule has the org apply a rule from now on, and returns what takes it away again.
func (o *Org) AddRule(r Rule) (remove func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	rule := &r
	o.rules = append(o.rules, rule)
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		for i, other := range o.rules {
			if other == rule {
				o.rules = append(o.rules[:i:i], o.rules[i+1:]...)
				return
			}
		}
	}
}

// ValidationRule refuses records that break a condition, in an administrator's own words.
func ValidationRule(object, message string, broken func(field func(name string) string) bool) Rule {
	return Rule{object, func(field func(string) string) (string, string, []string) {
		if broken(field) {
			return "FIELD_CUSTOM_VALIDATION_EXCEPTION", message, nil
		}
		return "", "", nil
	}}
}

// WithoutCreate refuses every record of an object, as when the integration user lost the right to make them.
func WithoutCreate(object string) Rule {
	return Rule{object, func(func(string) string) (string, string, []string) {
		return "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: " + object, nil
	}}
}

// obey applies the rules to a record that is to be made. The org's lock is held.
func (w *writer) obey(obj *Object, cells []string) *fieldError {
	for _, r := range w.org.rules {
		if w.system || r.Object != obj.Name {
			continue
		}
		code, message, fields := r.Refuse(func(name string) string {
			if col := obj.Index(name); col >= 0 {
				return cells[col]
			}
			return ""
		})
		if code != "" {
			return fieldFault(code, fields, "%s", message)
		}
	}
	return nil
}
