"""What is written in lines of text: headers, fields, and the words of firewalls."""
