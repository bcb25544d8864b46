// Logs as servers write them and files as people export them: what the baseline makes of each.

#include <gtest/gtest.h>

#include "naive/record_fixture.h"

namespace billing::naive {
namespace {

TEST(Situations, LinesOfSeveralShapesInOneFile) {
  const std::string rest = "\"GET /a HTTP/1.1\" 200 5 \"-\" \"-\"\n";
  const std::string time = "[08/Jun/2020:08:04:43 +0200] ";
  EXPECT_EQ(read(web_format(kCombined),
                 "192.0.2.1 - - " + time + rest +                           // as it should be
                     "www.example.com 192.0.2.1 - - " + time + rest +       // a host before it
                     "www.example.com:443 192.0.2.1 - - " + time + rest +   // with a port
                     "192.0.2.1 - " + time + rest +                         // a dash is missing
                     "2021/12/01 10:00:00 [error] 1#1: *1 open() failed\n"  // the error log's
                     "192.0.2.1 - - " +
                     time +
                     "\"GET /a HTTP/1.1\" 200 5\n"  // a common line
                     "192.0.2.1 - ann " +
                     time + rest),
            (Items{"2020-06-08T06:04:43Z|192.0.2.1|GET /a|200|1", "bad_record@1", "bad_record@1",
                   "bad_record@13", "bad_record@1", "bad_record@66",
                   "2020-06-08T06:04:43Z|ann|GET /a|200|1"}));
}

TEST(Situations, OneColumnMoreThanTheDefinitionHas) {
  const std::string line =
      "192.0.2.1 - - [22/Jan/2019:03:29:59 +0330] \"GET /image/61474/x HTTP/1.1\" 200 5379 \"-\" "
      "\"Mozilla/5.0\" \"-\"";
  EXPECT_EQ(read_one(web_format(kCombined), line), "bad_record@100");
  EXPECT_EQ(read_one(web_format(kCombined + " \"$http_x_forwarded_for\""), line),
            "2019-01-21T23:59:59Z|192.0.2.1|GET /image/{id}/x|200|1");
}

TEST(Situations, FractionsOfSecondsOfCaddy) {
  RecordFormat format = json_format();
  format.mapping = {"ts", "user_id,request.remote_ip", "$request.method $request.uri", "status",
                    "duration:s"};
  format.quantity = {"ms", 6, false};
  EXPECT_EQ(
      read(format, R"({"ts":1693840791.7564995,"request":{"remote_ip":"192.0.2.1","method":"GET",)"
                   R"("uri":"/"},"user_id":"","duration":0.000002701,"status":0})"
                   "\n"
                   R"({"ts":1693840791.7564995,"msg":"of another logger"})"),
      (Items{"2023-09-04T15:19:51.7564995Z|192.0.2.1|GET /|0|2701", "bad_user@1"}));
}

TEST(Situations, NanosecondsOfTraefik) {
  RecordFormat format = json_format();
  format.mapping = {"StartUTC", "ClientHost:first", "$RequestMethod $RequestPath",
                    "DownstreamStatus", "Duration:ns"};
  format.quantity = {"ms", 6, false};
  EXPECT_EQ(
      read(format,
           R"({"ClientHost":"192.0.2.1,10.0.0.50","DownstreamStatus":"200","Duration":357313,)"
           R"("RequestMethod":"GET","RequestPath":"/a","StartUTC":"2021-12-08T14:02:43.58Z"})"
           "\ntime=\"2021-12-08T14:02:43Z\" level=debug\n"),
      (Items{"2021-12-08T14:02:43.58Z|192.0.2.1|GET /a|200|357313", "bad_record@1"}));
}

TEST(Situations, ACharacterSetThatIsNotUtf8) {
  const std::string line =
      "192.0.2.1 - - [08/Jun/2020:08:04:43 +0200] \"GET /\xA4\xA4 HTTP/1.1\" 200 ";
  EXPECT_EQ(read_one(web_format(kCombined), line + "5 \"-\" \"\xA4\xA4\""), "bad_task@45");
  RecordFormat format = web_format(kCombined);
  format.mapping.task = "$request_method";
  EXPECT_EQ(read_one(format, line + "5 \"-\" \"\xA4\xA4\""),
            "2020-06-08T06:04:43Z|192.0.2.1|GET|200|1");
}

TEST(Situations, AnExportOfAHeaderAlone) {
  RecordFormat format = csv_format();
  format.has_header = true;
  EXPECT_EQ(read(format, "\xEF\xBB\xBFtime,user,task,status,quantity\r\n"), Items{"directive"});
}

TEST(Situations, CostsWithExponentsAndCredits) {
  RecordFormat format = csv_format();
  format.quantity = {"units", 9, true};
  EXPECT_EQ(read(format,
                 "2024-09-18 22:00:00,u,t,,5e-06\n2024-09-18 22:00:00,u,t,,-0.00000000001\n"
                 "2024-09-18 22:00:00,u,t,,-1.5\n"),
            (Items{"2024-09-18T22:00:00Z|u|t|0|5000", "bad_quantity@26",
                   "2024-09-18T22:00:00Z|u|t|0|-1500000000"}));
}

TEST(Situations, TheSameDurationInEveryUnit) {
  RecordFormat format = logfmt_format();
  format.quantity = {"ms", 1, false};
  for (const auto& [unit, text] :
       {std::pair{":s", "0.2604"}, std::pair{":ms", "260.4"}, std::pair{":us", "260400"},
        std::pair{":ns", "260400000"}, std::pair{":auto", "260.4ms"},
        std::pair{":auto", "\"260 msecs 400 micros\""}, std::pair{"", "260.4"}}) {
    format.mapping.quantity = std::string("quantity") + unit;
    EXPECT_EQ(read_one(format, std::string("time=2025-05-02 user=u quantity=") + text),
              "2025-05-02T00:00:00Z|u|-|0|2604")
        << unit << ' ' << text;
  }
}

}  // namespace
}  // namespace billing::naive
