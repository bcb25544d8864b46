"""The inputs of compare_peers.py in formats other than text, made of a log in text.

    peers_logs.py json LOG OUT

Every call becomes a record of the other format, with the fields that such logs have besides; those
are made of the call's number, so that the same log always becomes the same bytes.
"""

import argparse
import os

# In place of a task's name, in the logs of web servers.
REQUESTS = {
    "login": ("POST", "/api/v1/login"),
    "getUserProfile": ("GET", "/api/v1/users/profile"),
    "createOrder": ("POST", "/api/v1/orders/new"),
    "updateInventory": ("PATCH", "/api/v2/inventory/update"),
    "deleteOrder": ("DELETE", "/api/v1/orders/cancel"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2", "eu-central-1")
QUERIES = ("", "", "", "?page=7&q=af")
AGENTS = (
    "okhttp/4.12.0", "python-requests/2.31.0", "curl/8.5.0", "Go-http-client/2.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36",
)
REFERERS = ("-", "-", "https://app.example.com/dashboard", "https://www.example.com/")
NGINX_DEFINITION = ('$remote_addr - $remote_user [$time_local] "$request" $status '
                    '$body_bytes_sent "$http_referer" "$http_user_agent" $request_time')
CSV_COLUMNS = ("time", "request_id", "user", "task", "status", "duration_ms", "region", "client")
TABLE_HEADER = ",".join(CSV_COLUMNS) + "\n"


def scrambled(number):
    """A number of 64 bits in which every bit of `number` has a say (splitmix64)."""
    mask = (1 << 64) - 1
    number = (number + 1) * 0x9E3779B97F4A7C15 & mask
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & mask
    number = (number ^ number >> 27) * 0x94D049BB133111EB & mask
    return number ^ number >> 31


def address_of(user):
    bits = scrambled(int.from_bytes(user.encode()[-8:], "little"))
    return f"{1 + (bits >> 56) % 222}.{bits >> 48 & 255}.{bits >> 40 & 255}.{bits >> 32 & 255}"


def json_record(bits, address, time, user, task, status, duration_ms):
    return (f'{{"time":"{time[:-1]}.{bits % 1000:03}Z","request_id":"{bits:024x}","user":"{user}",'
            f'"task":"{task}","status":{status},"duration_ms":{duration_ms},'
            f'"region":"{REGIONS[bits >> 10 & 3]}","client":{{"ip":"{address}",'
            f'"agent":"{AGENTS[(bits >> 12) % 4]}"}}}}\n')


def csv_record(bits, address, time, user, task, status, duration_ms):
    beta = ' ""beta""' if bits % 128 == 0 else ""
    return (f'{time[:-1]}.{bits % 1000:03}Z,{bits:024x},{user},{task},{status},{duration_ms},'
            f'{REGIONS[bits >> 10 & 3]},"{address}, {AGENTS[(bits >> 12) % 4]}{beta}"\n')


def nginx_record(bits, address, time, user, task, status, duration_ms):
    method, path = REQUESTS[task]
    day = f"{time[8:10]}/{MONTHS[int(time[5:7]) - 1]}/{time[:4]}:{time[11:19]} +0000"
    return (f'{address} - {user} [{day}] "{method} {path}{QUERIES[bits & 3]} HTTP/1.1" {status} '
            f'{(bits >> 20) % 100000} "{REFERERS[bits >> 4 & 3]}" "{AGENTS[(bits >> 12) % 6]}" '
            f'{duration_ms // 1000}.{duration_ms % 1000:03}\n')


FORMS = {"json": json_record, "csv": csv_record, "nginx": nginx_record}


def write_log(form, text_log, out):
    record = FORMS[form]
    addresses = {}
    unfinished = f"{out}.unfinished"
    with open(text_log) as calls, open(unfinished, "w", buffering=1 << 20) as log:
        if form == "csv":
            log.write(TABLE_HEADER)
        for number, call in enumerate(calls):
            time, user, task, status, took = call.split()
            address = addresses.get(user)
            if address is None:
                address = addresses[user] = address_of(user)
            log.write(record(scrambled(number), address, time, user, task, status, int(took[:-2])))
    os.rename(unfinished, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("form", choices=FORMS)
    parser.add_argument("log")
    parser.add_argument("out")
    options = parser.parse_args()
    write_log(options.form, options.log, options.out)


if __name__ == "__main__":
    main()
