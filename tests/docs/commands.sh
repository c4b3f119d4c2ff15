#!/usr/bin/env bash
echo "skipped: written later"; exit 77
