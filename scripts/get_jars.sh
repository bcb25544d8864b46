#!/usr/bin/env bash
# Fetches jars by Maven into a folder: get_jars.sh DIR [spark|kafka|cassandra]
#   spark      what Spark 4.0.5 (Scala 2.13) needs beside its own jars: Kafka, Iceberg, PostgreSQL, Cassandra, S3
#              (the default; name the folder in BILLING_SPARK_JARS)
#   kafka      a broker, for tests/cluster
#   cassandra  a server, for tests/cluster
# The folder is whole or absent. Does nothing when it has what this version of the script asks for.
set -euo pipefail

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null && pwd)

# What is asked for; all that it depends on comes along, but for what is excluded below.
spark=(
  org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0
  org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:1.10.0
  org.postgresql:postgresql:42.7.7
  com.datastax.spark:spark-cassandra-connector_2.13:3.5.1
  org.apache.hadoop:hadoop-aws:3.4.1
  # In the place of the bundle of all services, 533 MB, that hadoop-aws asks for.
  software.amazon.awssdk:s3:2.29.52
  software.amazon.awssdk:s3-transfer-manager:2.29.52
  software.amazon.awssdk:sts:2.29.52
)
kafka=(org.apache.kafka:kafka_2.13:3.9.1 org.apache.kafka:kafka-tools:3.9.1)
cassandra=(org.apache.cassandra:cassandra-all:5.0.5)

# What Spark has itself, often in another version: two of a kind on its class path do not go together.
excluded_of_spark=(
  software.amazon.awssdk:bundle
  com.github.luben:zstd-jni
  com.google.code.findbugs:jsr305
  com.thoughtworks.paranamer:paranamer
  commons-codec:commons-codec
  commons-logging:commons-logging
  io.dropwizard.metrics:metrics-core
  io.netty:*
  org.apache.commons:commons-lang3
  org.apache.hadoop:hadoop-client-api
  org.apache.hadoop:hadoop-client-runtime
  org.apache.httpcomponents:*
  org.apache.spark:spark-tags_2.13
  org.checkerframework:checker-qual
  org.lz4:lz4-java
  org.scala-lang:*
  org.scala-lang.modules:*
  org.slf4j:*
  org.xerial.snappy:snappy-java
)

fail() {
  printf 'get_jars: %s\n' "$*" >&2
  exit 1
}

# The pom of a set: get_jars.sh keeps it beside the jars, and so knows a folder of another version.
print_pom() {
  local dependency exclusion group artifact version
  printf '<project xmlns="http://maven.apache.org/POM/4.0.0">\n<modelVersion>4.0.0</modelVersion>\n'
  printf '<groupId>billing</groupId><artifactId>jars</artifactId><version>1</version>\n<dependencies>\n'
  for dependency in "${wanted[@]}"; do
    IFS=: read -r group artifact version <<<"$dependency"
    printf '<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version><exclusions>\n' \
      "$group" "$artifact" "$version"
    for exclusion in "${excluded[@]}"; do
      printf '<exclusion><groupId>%s</groupId><artifactId>%s</artifactId></exclusion>\n' \
        "${exclusion%%:*}" "${exclusion#*:}"
    done
    printf '</exclusions></dependency>\n'
  done
  printf '</dependencies>\n</project>\n'
}

# Whether the folder has what the pom asks for, byte by byte.
is_whole() {
  cmp -s -- <(print_pom) "$folder/pom.xml" && (cd -- "$folder" && sha256sum --status -c jars.sha256)
}

fetch() {
  local fresh=$1
  print_pom >"$fresh/pom.xml"
  "$scripts/quietly.sh" mvn --quiet --batch-mode -f "$fresh/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$fresh" || fail "Maven did not get the jars; nothing was changed"
  (cd -- "$fresh" && sha256sum -- *.jar >jars.sha256)
}

(($# == 1 || $# == 2)) || fail "usage: get_jars.sh DIR [spark|kafka|cassandra]"
folder=${1%/}
case ${2:-spark} in
  spark) wanted=("${spark[@]}") excluded=("${excluded_of_spark[@]}") ;;
  kafka) wanted=("${kafka[@]}") excluded=() ;;
  cassandra) wanted=("${cassandra[@]}") excluded=() ;;
  *) fail "no set '$2': spark, kafka or cassandra" ;;
esac
if [[ -e $folder ]]; then
  [[ -d $folder ]] || fail "$folder is no folder"
  if is_whole; then exit 0; fi
  # Only what this script made is replaced.
  [[ -z $(ls -A -- "$folder") || -e $folder/jars.sha256 ]] || fail "$folder has other files: name a new folder"
fi
command -v mvn >/dev/null || fail "needs Maven: apt-get install maven"

mkdir -p -- "$(dirname -- "$folder")"
fresh=$(mktemp -d -- "$folder.XXXXXX")
trap 'rm -rf -- "$fresh"' EXIT
fetch "$fresh"
chmod 755 -- "$fresh"
rm -rf -- "$folder"
mv -- "$fresh" "$folder"
printf 'get_jars: %s: %d jars\n' "$folder" "$(wc -l <"$folder/jars.sha256")"
