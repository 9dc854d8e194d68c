CREATE DATABASE seeded;
CREATE TABLE seeded.item (id INT PRIMARY KEY, name VARCHAR(40));
INSERT INTO seeded.item VALUES (1, 'rice'), (2, 'beans');
CREATE USER app@'%' IDENTIFIED BY 'app';
GRANT SELECT ON seeded.* TO app@'%';
