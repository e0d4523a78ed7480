// The library reads the version of its menu in one goroutine and raises it in another (systray v1.12.2, GetLayout and
// refresh), so the race detector stops this test for what is not ours. It runs without it; see build.sh.

//go:build !race

package tray

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// bus starts a message bus of our own, so that the test meets the real tray library without a desktop.
func bus(t *testing.T) *dbus.Conn {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("dbus-daemon is not installed; apt-get install dbus")
		}
		t.Skip("dbus-daemon is not installed; apt-get install dbus")
	}
	cmd := exec.Command(daemon, "--session", "--nofork", "--print-address")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	in := bufio.NewScanner(out)
	if !in.Scan() {
		t.Fatalf("no address from dbus-daemon: %v", in.Err())
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", in.Text())
	conn, err := dbus.Connect(in.Text())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// node is an item of a menu as it travels over the bus.
type node struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// items asks for the menu and gives the labels in order, with their ids.
func items(conn *dbus.Conn) (names []string, ids map[string]int32) {
	var revision uint32
	var root node
	menu := conn.Object(fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid()), "/StatusNotifierItem/menu")
	if err := menu.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		return nil, nil
	}
	ids = make(map[string]int32)
	for _, child := range root.Children {
		var n node
		if err := dbus.Store([]any{child.Value()}, &n); err != nil {
			return nil, nil
		}
		if label, ok := n.Properties["label"].Value().(string); ok {
			names, ids[label] = append(names, label), n.ID
		}
	}
	return names, ids
}

func click(t *testing.T, conn *dbus.Conn, id int32) {
	t.Helper()
	menu := conn.Object(fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid()), "/StatusNotifierItem/menu")
	// Nobody waits for the answer: after Quit there may be no one left to give it.
	if err := menu.Call("com.canonical.dbusmenu.Event", dbus.FlagNoReplyExpected, id, "clicked", dbus.MakeVariant(""), uint32(0)).Err; err != nil {
		t.Fatal(err)
	}
}

var ran bool // the library's state is global: it runs once in a process

func TestMenuOnARealBusFollowsTheProgramAndForwardsClicks(t *testing.T) {
	if ran {
		t.Skip("the tray runs once in a process")
	}
	ran = true
	conn := bus(t)
	var doing atomic.Value
	doing.Store("idle")
	done := make(chan struct{})
	opened := make(chan struct{}, 1)
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		Run(Menu{
			State: func() State { return State{Doing: doing.Load().(string), Microphone: "Built-in"} },
			Start: func() { doing.Store("listening") },
			Pause: func() { doing.Store("paused") },
			Open:  func() { opened <- struct{}{} },
			Quit:  func() { close(done) },
			Done:  done,
		}, func() { <-done })
	}()
	await := func(want ...string) map[string]int32 {
		t.Helper()
		var names []string
		for range 200 { // 10 s: how long a loaded machine may take, not how long it should
			var ids map[string]int32
			if names, ids = items(conn); slices.Equal(names, want) {
				return ids
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatalf("the menu is %q, want %q", names, want)
		return nil
	}
	ids := await("Not listening", "Start listening", "Open panel", "Quit HotMem")
	click(t, conn, ids["Start listening"])
	ids = await("Listening · Built-in", "Pause", "Open panel", "Quit HotMem")
	click(t, conn, ids["Open panel"])
	within(t, "the panel to open", opened)
	click(t, conn, ids["Pause"])
	ids = await("Paused", "Start listening", "Open panel", "Quit HotMem")
	click(t, conn, ids["Quit HotMem"])
	within(t, "Run to return", returned)
}

func within(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatalf("waited for %s in vain", what)
	}
}
