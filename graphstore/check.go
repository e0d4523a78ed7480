package graphstore

func (s *Store) Check() error { return nil }
