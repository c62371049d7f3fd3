#!/bin/sh
# An MCP server over stdio with two tools, `read` and `write`, that only say that they were called.
empty='{"type":"object","properties":{}}'
while read -r line; do
    id=$(printf '%s\n' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    [ -n "$id" ] || continue
    case $line in
        *'"method":"initialize"'*)
            version=$(printf '%s\n' "$line" | sed -n 's/.*"protocolVersion":"\([^"]*\)".*/\1/p')
            result='{"protocolVersion":"'$version'","capabilities":{"tools":{}},"serverInfo":{"name":"demo","version":"1"}}' ;;
        *'"method":"tools/list"'*)
            result='{"tools":[{"name":"read","description":"Read","inputSchema":'$empty'},{"name":"write","description":"Write","inputSchema":'$empty'}]}' ;;
        *'"method":"tools/call"'*)
            result='{"content":[{"type":"text","text":"The demo was called."}]}' ;;
        *)
            result='{}' ;;
    esac
    printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
