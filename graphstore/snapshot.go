package graphstore

// Snapshot gives the panel its picture: the newest facts of a scope, as many
// as fit the number of nodes, and what was said last.
func (s *Store) Snapshot(scope Scope) (Snapshot, error) {
	if scope.Limit <= 0 {
		scope.Limit = 60
	}
	if scope.Lines <= 0 {
		scope.Lines = 50
	}
	p := picture{limit: scope.Limit, nodes: map[NodeID]bool{}, edges: map[EdgeID]bool{}}
	p.out = Snapshot{Lines: []Line{}, Nodes: []Node{}, Edges: []Edge{}}
	err := s.view(func(t *tx) error {
		p.t = t
		t.each(key(keyOp), true, func(k string, _ []byte) bool { p.out.Seq = Seq(lastNum(k)); return false })
		id := scope.Session
		if id == 0 {
			t.each(key(keySession), true, func(k string, _ []byte) bool { id = SessionID(lastNum(k)); return false })
		}
		if rec, ok := t.session(id); ok {
			p.out.Session = Session(rec)
			p.out.Lines = t.lines(id, scope.Lines)
		}
		p.paint(scope, id)
		for _, id := range sortedKeys(p.nodes) {
			if n, ok := t.node(id); ok {
				p.out.Nodes = append(p.out.Nodes, t.publicNode(n))
			}
		}
		return nil
	})
	return p.out, err
}

// A picture is a snapshot that is being filled.
type picture struct {
	t     *tx
	limit int
	nodes map[NodeID]bool
	edges map[EdgeID]bool // seen, shown or not
	out   Snapshot
}

func (p *picture) paint(scope Scope, session SessionID) {
	if scope.Focus != 0 {
		p.t.edges(Filter{Node: scope.Focus, Graph: scope.Graph}, p.add)
		return
	}
	if scope.Graph != MemoryGraph && session != 0 {
		p.t.edges(Filter{Session: session}, p.add)
	}
	if scope.Graph == SessionGraph {
		return
	}
	if scope.Graph == "" {
		for _, id := range sortedKeys(p.nodes) { // one step into memory
			if id != UserNode {
				p.t.edges(Filter{Node: id, Graph: MemoryGraph}, p.add)
			}
		}
	}
	p.t.edges(Filter{Graph: MemoryGraph}, p.add)
}

// countedMore bounds the count of facts that do not fit: the panel says "+14",
// and reading all of a large memory for it would take longer than the picture.
const countedMore = 200

// add takes a fact in if its ends fit, and counts it otherwise.
func (p *picture) add(e edgeRec) bool {
	if p.edges[e.ID] {
		return true
	}
	room := p.limit - len(p.nodes)
	for _, id := range []NodeID{e.Key.S, e.Key.O} {
		if !p.nodes[id] {
			room--
		}
	}
	p.edges[e.ID] = true
	if room < 0 {
		p.out.More++
		return p.out.More < countedMore
	}
	p.nodes[e.Key.S], p.nodes[e.Key.O] = true, true
	p.out.Edges = append(p.out.Edges, e.edge())
	return true
}
