"""Definitions and paths of which the two engines made different bills, or none."""

import unittest

from formats_fixture import TIMED, FormatsTest, web_line

CLF = "[02/May/2025:23:16:50 +0200]"


class EnginesThatDiffer(FormatsTest):
    def task_of(self, definition, line, *options):
        self.log(line)
        found = self.meter("log", "--log-format", definition, *options)
        return [row[2] for row in found.rows]

    def test_ids_are_folded_wherever_a_task_is_made_of_a_path(self):
        line = f'h {CLF} "GET /v1/7?q HTTP/1.1"'
        for task in ("path", "$path", "${path}", "`path`", "path,=x", "path:first"):
            with self.subTest(task=task):
                self.assertEqual(self.task_of('%h %t "%r"', line, "--task", task), ["/v1/{id}"])
        self.assertEqual(self.task_of("%h %t %U", f"h {CLF} /v1/7"), ["/v1/{id}"])
        self.log('{"time":"2025-05-02","user":"h","uri":"/v1/7","quantity":1}')
        for task in ("uri", "$uri"):
            with self.subTest(task=task):
                found = self.meter("log", "--format", "json", "--task", task)
                self.assertEqual(found.rows[0][2], "/v1/{id}")

    def test_default_tasks_of_definitions_with_the_target_alone(self):
        for name in ("uri", "request_uri"):
            for method in ("", "$request_method "):
                with self.subTest(name=name, method=method):
                    line = f"h {CLF} {'GET ' if method else ''}/a/7"
                    found = self.task_of(f"$remote_addr [$time_local] {method}${name}", line)
                    self.assertEqual(found, ["GET /a/{id}" if method else "/a/{id}"])

    def test_names_of_parts_of_the_request_are_known_or_unknown(self):
        self.log(f'h {CLF} "GET /v1/7?q HTTP/1.1"')
        for name in ("uri", "request_uri", "request_method", "server_protocol", "target"):
            with self.subTest(name=name):
                self.aggregate("log", "--log-format", '%h %t "%r"', "--user", name, "--rate", "*=1")

    def test_double_quotes_around_fields_alone_are_those_of_the_lines(self):
        self.log('"h|x"')
        for definition in ('"$remote_addr|$foo"', '"%h|%l"'):
            with self.subTest(definition=definition):
                found = self.meter("log", "--log-format", definition, "--time", "none")
                self.assertEqual([row[0] for row in found.rows], ["h"])

    def test_a_bracket_in_a_time_that_nobody_asks_for(self):
        self.log("h [02/M]y/2025] x")
        self.aggregate("log", "--log-format", "$remote_addr [$time_local] x", "--time", "none",
                       "--rate", "*=1")

    def test_times_of_several_servers_behind_a_proxy_are_added_up(self):
        definition = "$remote_addr $msec $upstream_response_time $status"
        for times, ms in (("0.1, 0.2", "300"), ("0.1, 0.2 : 0.3", "600"), ("0.1 : 0.2", "300"),
                          ("-, 0.2", "200")):
            with self.subTest(times=times):
                self.log(f"h 1746220610.000 {times} 200")
                found = self.meter("log", "--log-format", definition, "--quantity",
                                   "upstream_response_time:s", "--status", "200")
                self.assertEqual([row[-2] for row in found.rows], [ms])

    def test_a_definition_that_ends_with_a_semicolon(self):
        """Of lines that end so: it is no part of the last field, and none of the configuration."""
        for definition, line in (("$remote_addr;", "h;"), ("$remote_addr [$msec];", "h [7];"),
                                 ("$msec;$remote_addr;", "7;h;"), ("'$remote_addr';", "h"),
                                 ("'$remote_addr;';", "h;")):
            with self.subTest(definition=definition):
                self.log(line)
                found = self.meter("log", "--log-format", definition, "--time", "none")
                self.assertEqual([row[0] for row in found.rows], ["h"])

    def test_a_definition_with_its_directive(self):
        """Taken off, or refused as one that fits no line; in both engines alike."""
        self.log('h [02/May/2025:23:16:50 +0200] "x"')
        for definition in (r'"%h %t \"%r\"" common', r'LogFormat "%h %t \"%r\"" common'):
            with self.subTest(definition=definition):
                self.aggregate("log", "--log-format", definition, "--rate", "*=1")

    def test_a_definition_with_an_escaped_tab(self):
        self.log("h\t[02/May/2025:23:16:50 +0200]")
        for definition in (r"%h\t%t", r'"%h\t%t"'):
            with self.subTest(definition=definition):
                self.aggregate("log", "--log-format", definition, "--rate", "*=1")

    def test_fields_that_every_web_format_has(self):
        agent = "Mozilla/5.0 (iPad; CPU OS 15) Safari"
        self.log(web_line(agent=agent, time="02/May/2025:23:16:50 +0200"))
        for name, value in (("device", "Tablet"), ("is_bot", None)):
            with self.subTest(name=name):
                found = self.meter("log", "--log-format", TIMED, "--user", f"{name},=-")
                self.assertEqual(found.counts[:2], (1, 0))
                if value:
                    self.assertEqual(found.rows[0][0], value)


if __name__ == "__main__":
    unittest.main()
