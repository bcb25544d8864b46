"""Definitions as nginx and Apache have them in their configuration, and what they make of lines."""

import unittest

from formats_fixture import FormatsTest

CLF = "[02/May/2025:23:16:50 +0200]"


class Definitions(FormatsTest):
    def of(self, definition, line, *options):
        """User, task, quantity and instant of one line; or why it is none."""
        self.log(line)
        found = self.meter("log", "--log-format", definition, "--cycle", "all", *options)
        if found.rejects:
            return found.rejects[0][2]
        row = found.rows[0]
        return row[0], row[2], row[-2], found.summary.get("earliest")

    def test_apaches_times_of_a_request_in_their_units(self):
        for directive, value, ms in (("%D", "1500", "1.5"), ("%T", "2", "2000"),
                                     ("%{ms}T", "2", "2"), ("%{us}T", "2000", "2"),
                                     ("%{s}T", "2", "2000")):
            with self.subTest(directive=directive):
                self.assertEqual(self.of(f"%h %t {directive}", f"h {CLF} {value}"),
                                 ("h", "-", ms, "2025-05-02T21:16:50Z"))

    def test_apaches_names(self):
        definition = r'%v:%p %h %l %u %t \"%r\" %>s %b %I %O \"%{X-User-Id}i\" \"%{X-Cost}o\" %X'
        line = f'w:80 h - u {CLF} "GET /a?q HTTP/1.1" 200 - 7 9 "id" "2.5" +'
        for user, quantity, expected in (
                ("http_x_user_id", "sent_http_x_cost", ("id", "2.5")),
                ("server_name", "bytes_sent:B", ("w", "9")), ("%v", "%I:B", ("w", "7")),
                ("server_port", "body_bytes_sent:B", ("80", "0")),
                ("connection_status,=x", "1", ("+", "1")), ("remote_logname,=x", "1", ("x", "1"))):
            with self.subTest(user=user):
                found = self.of(definition, line, "--user", user, "--quantity", quantity)
                self.assertEqual((found[0], found[2]), expected)

    def test_a_directive_of_apache_needs_its_letter(self):
        for definition in ("%h %{x}% y", "%h %^!B", "%h %^F!", "%h %{x}"):
            with self.subTest(definition=definition):
                self.log("h y")
                refused = self.aggregate("log", "--log-format", definition, "--time", "none",
                                         "--rate", "*=1")
                self.assertEqual((refused.code, refused.out), (2, b""), refused.err)
                self.assertIn("--log-format", refused.err)

    def test_directives_of_two_letters_are_called_as_they_stand(self):
        for directive in ("%^FB", "%{X}^ti", "%^ib"):
            with self.subTest(directive=directive):
                self.assertEqual(self.of(f"%h {directive}", "h u 7", "--time", "none", "--user",
                                         f"`{directive}`")[0], "u 7")

    def test_apaches_method_and_path_by_themselves(self):
        self.assertEqual(self.of("%h %t %m %U %s", f"h {CLF} GET /a/7 200")[1], "GET /a/{id}")

    def test_an_empty_user_of_apache(self):
        line = f'h - "" {CLF} "GET /a HTTP/1.1" 200 5'
        self.assertEqual(self.of('%h %l %u %t "%r" %>s %b', line),
                         ("h", "GET /a", "1", "2025-05-02T21:16:50Z"))

    def test_escaped_quotes_of_apache_in_the_user_and_the_request(self):
        line = rf'h - a\"b {CLF} "GET /\"x HTTP/1.1" 200 5'
        self.assertEqual(self.of('%h %l %u %t "%r" %>s %b', line)[:2], (r'a\"b', r'GET /\"x'))

    def test_the_configuration_of_nginx_with_its_quoting(self):
        definition = ("'$remote_addr [$time_iso8601] \"$request\" '\n"
                      "    '$status ${request_time}s'")
        line = 'h [2025-05-02T23:16:50+02:00] "GET /a HTTP/1.1" 200 0.25s'
        self.assertEqual(self.of(definition, line), ("h", "GET /a", "250", "2025-05-02T21:16:50Z"))

    def test_times_of_nginx_as_numbers(self):
        self.assertEqual(self.of("$remote_addr $msec $request_time", "h 1746220610.250 0.001"),
                         ("h", "-", "1", "2025-05-02T21:16:50.25Z"))

    def test_of_two_equal_names_the_first_counts(self):
        self.assertEqual(self.of("%h %t %a", f"one {CLF} two")[0], "one")

    def test_words_hold_no_spaces(self):
        for line in (f"a b {CLF} 200", f"a {CLF} 20 0", f"a\tb {CLF} 200"):
            with self.subTest(line=line):
                self.assertEqual(self.of("%h %t %s", line), "bad_record")

    def test_what_stands_before_and_behind_is_part_of_the_form(self):
        definition = "<%h> %t!"
        self.assertEqual(self.of(definition, f"<h> {CLF}!")[0], "h")
        for line in (f"h> {CLF}!", f"<h> {CLF}", f"<h> {CLF}!x", f"x<h> {CLF}!"):
            with self.subTest(line=line):
                self.assertEqual(self.of(definition, line), "bad_record")

    def test_derived_fields(self):
        line = (f'192.0.2.1 {CLF} "GET http://H.example/A/b.JPG?x=1&y=2#z HTTP/1.1" 404 '
                '"https://Shop.Example:8080/p" "Mozilla/5.0 (iPad; CPU OS 15) Safari"')
        definition = ('$remote_addr [$time_local] "$request" $status "$http_referer" '
                      '"$http_user_agent"')
        values = {"method": "GET", "target": "http://H.example/A/b.JPG?x=1&y=2#z",
                  "path": "/A/b.JPG", "query": "x=1&y=2", "protocol": "HTTP/1.1",
                  "extension": "jpg", "status_class": "4xx", "ip": "192.0.2.1",
                  "referer_host": "shop.example"}
        for name, value in values.items():
            with self.subTest(name=name):
                self.assertEqual(self.of(definition, line, "--user", name)[0], value)

    def test_an_address_without_its_port(self):
        for address, ip in (("192.0.2.1:443", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"),
                            ("[2001:db8::1]:443", "2001:db8::1"), ("2001:db8::1", "2001:db8::1")):
            with self.subTest(address=address):
                self.assertEqual(self.of("%h %t", f"{address} {CLF}", "--user", "ip")[0], ip)

    def test_task_patterns(self):
        definition = '%h %t "%r"'
        for path, task in (("/users/7/orders/x", "/users/{id}/orders/{id}"),
                           ("/users//orders/x", "/users//orders/x"), ("/files", "/files/**"),
                           ("/files/", "/files/**"), ("/files/a/7", "/files/**"),
                           ("/users/7/orders/x/", "/users/{id}/orders/x/"), ("/7", "/{id}")):
            with self.subTest(path=path):
                found = self.of(definition, f'h {CLF} "GET {path}?q HTTP/1.1"', "--task-pattern",
                                "/users/{id}/orders/{id}", "--task-pattern", "/files/**")
                self.assertEqual(found[1], f"GET {task}")

    def test_long_tasks_are_cut_and_told_apart(self):
        first = self.of('%h %t "%r"', f'h {CLF} "GET /{"é" * 200}a HTTP/1.1"')[1]
        second = self.of('%h %t "%r"', f'h {CLF} "GET /{"é" * 200}b HTTP/1.1"')[1]
        self.assertNotEqual(first, second)
        self.assertEqual(first.rpartition("~")[0], "GET /" + "é" * 114)
        self.assertRegex(first.rpartition("~")[2], "^[0-9a-f]{16}$")

    def test_definitions_that_tell_nothing_apart(self):
        self.log("x")
        for definition in ("", "abc", "$", "%", "$a$b", "%h%u", "${a", "%{a", "%{a}", "$a ${}",
                           "%h %", "$a %h"):
            with self.subTest(definition=definition):
                result = self.aggregate("log", "--log-format", definition, "--rate", "*=1")
                self.assertEqual((result.code, result.out), (2, b""), result.err)


if __name__ == "__main__":
    unittest.main()
